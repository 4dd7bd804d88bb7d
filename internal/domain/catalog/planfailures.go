package catalog

import "ticketflow/internal/domain/errs"

// Why a plan is refused. The detail names the section, row and seat.
var (
	ErrEmptyPlan = errs.New(errs.Invalid, "empty_plan",
		"A seat plan needs at least one place.")
	ErrTooManyPlaces = errs.New(errs.Invalid, "too_many_places",
		"The seat plan has too many places.")
	ErrPlanTooLarge = errs.New(errs.Invalid, "plan_too_large",
		"The seat plan has too many parts of a kind.")
	ErrBadPlanText = errs.New(errs.Invalid, "bad_plan_text",
		"A name or label of the seat plan is missing, too long or has unprintable characters.")
	ErrBadColour = errs.New(errs.Invalid, "bad_colour",
		"A colour of the seat plan can't be understood.")
	ErrDuplicateCategory = errs.New(errs.Invalid, "duplicate_category",
		"The seat plan has two categories of the same name.")
	ErrUnknownCategory = errs.New(errs.Invalid, "unknown_category",
		"A part of the seat plan names a category that the plan doesn't have.")
	ErrUnknownFloor = errs.New(errs.Invalid, "unknown_floor",
		"A part of the seat plan names a floor that the plan doesn't have.")
	ErrDuplicateFloor = errs.New(errs.Invalid, "duplicate_floor",
		"The seat plan has two floors of the same name.")
	ErrDuplicateSection = errs.New(errs.Invalid, "duplicate_section",
		"The seat plan has two sections of the same name.")
	ErrEmptySection = errs.New(errs.Invalid, "empty_section",
		"A section of the seat plan has no places.")
	ErrMixedSection = errs.New(errs.Invalid, "mixed_section",
		"A section of the seat plan has rows and standing places; make it two sections.")
	ErrBadOutline = errs.New(errs.Invalid, "bad_outline",
		"The outline of a section isn't a simple polygon.")
	ErrDuplicateRow = errs.New(errs.Invalid, "duplicate_row",
		"A section of the seat plan has two rows of the same label.")
	ErrEmptyRow = errs.New(errs.Invalid, "empty_row",
		"A row of the seat plan has no seats.")
	ErrMixedRow = errs.New(errs.Invalid, "mixed_row",
		"A row of the seat plan lists its seats and also has an arc or marks.")
	ErrDuplicateSeat = errs.New(errs.Invalid, "duplicate_seat",
		"A row of the seat plan has two seats of the same label.")
	ErrDuplicateGUID = errs.New(errs.Invalid, "duplicate_guid",
		"Two seats of the seat plan have the same GUID.")
	ErrBadNumbering = errs.New(errs.Invalid, "bad_numbering",
		"The numbering of a row can't be carried out.")
	ErrBadMark = errs.New(errs.Invalid, "bad_seat_attributes",
		"The attributes of a seat can't be understood.")
	ErrOutOfRange = errs.New(errs.Invalid, "coordinates_out_of_range",
		"A point of the seat plan is too far out.")
	ErrBadArc = errs.New(errs.Invalid, "bad_arc",
		"A row of the seat plan is bent by more than a half circle.")
	ErrSeatsTooClose = errs.New(errs.Invalid, "seats_too_close",
		"A row of the seat plan is too short for its seats.")
	ErrBadShape = errs.New(errs.Invalid, "bad_shape",
		"A decoration of the seat plan can't be drawn.")
)
