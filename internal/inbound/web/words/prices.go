package words

import (
	"strconv"
	"strings"

	"ticketflow/internal/domain/money"
)

// symbols are what people know better than the code. What isn't here is shown with its code.
var symbols = map[string]string{"EUR": "€", "GBP": "£", "USD": "$", "CHF": "CHF", "JPY": "¥"}

// Price is an amount as the language writes it.
func (b *Book) Price(m money.Money) string {
	amount, code, _ := strings.Cut(m.Decimal(), " ")
	if symbol, ok := symbols[code]; ok {
		code = symbol
	}
	minus := ""
	if strings.HasPrefix(amount, "-") {
		minus, amount = "−", amount[1:]
	}
	whole, fraction, _ := strings.Cut(amount, ".")
	const space = "\u00a0" // a price isn't broken over two lines
	if b.Lang == german.Lang {
		if fraction != "" {
			fraction = "," + fraction
		}
		return minus + grouped(whole, ".") + fraction + space + code
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	return minus + code + space + grouped(whole, ",") + fraction
}

// Percent is a rate of so many hundredths of a percent as the language writes it, without zeros at
// its end.
func (b *Book) Percent(basisPoints int) string {
	text := strconv.FormatFloat(float64(basisPoints)/100, 'f', -1, 64)
	if b.Lang == german.Lang {
		return strings.Replace(text, ".", ",", 1) + "\u00a0%"
	}
	return text + "%"
}

// Number is a count as the language writes it.
func (b *Book) Number(n int) string {
	if b.Lang == german.Lang {
		return grouped(strconv.Itoa(n), ".")
	}
	return grouped(strconv.Itoa(n), ",")
}

// grouped puts a mark between each three digits.
func grouped(digits, mark string) string {
	const group = 3
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%group == 0 {
			b.WriteString(mark)
		}
		b.WriteRune(d)
	}
	return b.String()
}
