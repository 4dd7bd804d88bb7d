package baseline

import (
	"context"
	"strconv"

	"github.com/redis/rueidis"
)

const maxKeysPerCommand = 1_000

// locks are the keys in Redis that stand for places, one each. They belong to an idempotency key,
// so that a second click isn't refused because of the first.
type locks struct {
	client rueidis.Client
	run    string // sets the keys apart from those of other rehearsals
}

// unlockScript deletes keys that are the owner's: between lock and unlock they may have run out and
// become somebody else's.
var unlockScript = rueidis.NewLuaScript(`
for i = 1, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[1] then redis.call('DEL', KEYS[i]) end
end
return 0`)

func (l *locks) key(place int32) string {
	return "baseline:" + l.run + ":" + strconv.Itoa(int(place))
}

// take locks all places or none, and returns those that somebody else has. SET NX GET answers the
// owner of a key that is there already.
func (l *locks) take(ctx context.Context, owner string, places []int32) (taken []int32, err error) {
	if l == nil {
		return nil, nil
	}
	commands := make(rueidis.Commands, len(places))
	for i, place := range places {
		commands[i] = l.client.B().Set().Key(l.key(place)).Value(owner).Nx().Get().
			Px(holdTime).Build()
	}
	var got []int32
	for i, answer := range l.client.DoMulti(ctx, commands...) {
		before, failed := answer.ToString()
		switch {
		case rueidis.IsRedisNil(failed):
			got = append(got, places[i])
		case failed != nil:
			err = failed
		case before != owner:
			taken = append(taken, places[i])
		}
	}
	if err != nil || len(taken) > 0 {
		l.giveBack(ctx, owner, got)
	}
	return taken, err
}

// giveBack deletes the owner's keys. What can't be deleted now runs out by itself.
func (l *locks) giveBack(ctx context.Context, owner string, places []int32) {
	if l == nil || len(places) == 0 {
		return
	}
	keys := make([]string, len(places))
	for i, place := range places {
		keys[i] = l.key(place)
	}
	_ = unlockScript.Exec(context.WithoutCancel(ctx), l.client, keys, []string{owner}).Error()
}

// clear deletes the keys of a whole hall, whoever owns them.
func (l *locks) clear(ctx context.Context, places int) {
	if l == nil {
		return
	}
	for first := 0; first < places; first += maxKeysPerCommand {
		var keys []string
		for place := first; place < min(first+maxKeysPerCommand, places); place++ {
			keys = append(keys, l.key(int32(place)))
		}
		_ = l.client.Do(ctx, l.client.B().Unlink().Key(keys...).Build()).Error()
	}
}
