package redis

import "github.com/redis/rueidis"

// A lock of a place is a string: its owner's key, then the lock's number in decimal digits. The
// keys of one event have one hash tag, so that a script may touch them all.

// lockScript locks all places or none.
//
//	KEYS  the event's counter, then the places
//	ARGV  the owner's key, the time to live in ms, a number that the lock's must be above, the
//	      counter's time to live in ms
//
// It answers {number}, or {0, index, holder, …} with the places that others have.
const lockScript = `
local owner, size = ARGV[1], #ARGV[1]
local answer = {0}
for i = 2, #KEYS do
  local held = redis.call('GET', KEYS[i])
  if held and string.sub(held, 1, size) ~= owner then
    answer[#answer + 1] = i - 2
    answer[#answer + 1] = string.sub(held, 1, size)
  end
end
if #answer > 1 then return answer end
local number = math.max(tonumber(redis.call('GET', KEYS[1]) or '0') or 0, tonumber(ARGV[3])) + 1
local text = string.format('%.0f', number)
redis.call('SET', KEYS[1], text, 'PX', ARGV[4])
for i = 2, #KEYS do redis.call('SET', KEYS[i], owner .. text, 'PX', ARGV[2]) end
return {number}
`

// unlockScript ends locks. A foreign lock is left alone: one of another owner, if a key is given,
// and in any case one with a larger number.
//
//	KEYS  the places
//	ARGV  the owner's key or nothing, the size of a key, then for each place the largest number
//	      that ends
//
// It answers how many locks it has ended.
const unlockScript = `
local owner, size, ended = ARGV[1], tonumber(ARGV[2]), 0
for i = 1, #KEYS do
  local held = redis.call('GET', KEYS[i])
  if held and (owner == '' or string.sub(held, 1, size) == owner)
    and (tonumber(string.sub(held, size + 1)) or 0) <= tonumber(ARGV[i + 2]) then
    ended = ended + redis.call('DEL', KEYS[i])
  end
end
return ended
`

func script(text string) *rueidis.Lua { return rueidis.NewLuaScript(text) }
