package postgres

import (
	"context"
	"time"

	"ticketflow/internal/app/policy"
)

var _ policy.AnswerLog = (*Store)(nil)

// retentionLimit bounds one page of it.
const retentionLimit = 10 * time.Second

// ForgetAnswers implements policy.AnswerLog. There is no index over the time: an entry in it for
// each command would cost more than it saves, for the oldest rows lie at the table's beginning,
// where a scan starts. Only the last page of a round looks through all that stay.
func (s *Store) ForgetAnswers(
	ctx context.Context, then time.Time, limit int,
) (removed int, err error) {
	ctx, cancel := context.WithTimeout(ctx, retentionLimit)
	defer cancel()
	tag, err := s.commands.Exec(ctx, `DELETE FROM answers WHERE ctid = ANY (ARRAY(
SELECT ctid FROM answers WHERE made_ms < $1 LIMIT $2))`, millis(then), limit)
	return int(tag.RowsAffected()), translate(err)
}
