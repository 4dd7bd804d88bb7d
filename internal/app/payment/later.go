package payment

import (
	"errors"

	"ticketflow/internal/domain/errs"
)

// retryField is the field of a failure that says how many seconds to wait; the edge knows it, too.
const retryField = "retry_after_seconds"

// Later is ErrUnavailable with the seconds until it is worth while to ask again.
func Later(seconds int) error { return ErrUnavailable.WithField(retryField, seconds) }

// RetryAfter is what Later was told, or ok is false.
func RetryAfter(err error) (seconds int, ok bool) {
	e, is := errors.AsType[*errs.Error](err)
	if !is {
		return 0, false
	}
	seconds, ok = e.Fields()[retryField].(int)
	return seconds, ok
}
