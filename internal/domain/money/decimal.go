package money

import "strconv"

// Digits is how many decimals the minor unit of a currency stands for, by ISO 4217; 2 for those
// that aren't in its list.
func (c Currency) Digits() int {
	switch c.String() {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
		"VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	default:
		return 2
	}
}

// maxDigits is the most digits after the point that any currency has.
const maxDigits = 3

// Thousandths is the amount in thousandths of the currency, whatever its minor unit is: amounts of
// all currencies are in one measure.
func (m Money) Thousandths() int64 {
	amount := m.minor
	for range maxDigits - m.currency.Digits() {
		amount *= 10
	}
	return amount
}

// Decimal is for people and banks: the whole, a point, the decimals and the code, for instance
// "49.00 EUR" or "4900 JPY".
func (m Money) Decimal() string {
	digits := m.currency.Digits()
	text := strconv.FormatInt(m.minor, 10)
	for len(text) <= digits {
		text = "0" + text
	}
	whole, fraction := text[:len(text)-digits], text[len(text)-digits:]
	if digits > 0 {
		whole += "." + fraction
	}
	return whole + " " + m.currency.String()
}
