package rush

import "bytes"

// The field names that buyers look for, as they stand in JSON.
var (
	nameID    = []byte(`"id":`)
	nameToken = []byte(`"token":`)
	nameURL   = []byte(`"url":`)
	nameState = []byte(`"state":`)
	nameCode  = []byte(`"code":`)
	namePlace = []byte(`"place":`)
	namePay   = []byte(`"payment":`)
)

// nextText finds the first text value of a field at or after from, wherever it is nested, and where
// it ends. A buyer knows the shape of what it asked for, so names are enough. The value is as it
// stands in the body, escapes included; nil if there is none.
func nextText(body, name []byte, from int) (value []byte, end int) {
	for from < len(body) {
		at := bytes.Index(body[from:], name)
		if at < 0 {
			return nil, len(body)
		}
		from += at + len(name)
		start := skipBlank(body, from)
		if start >= len(body) || body[start] != '"' {
			continue
		}
		start++
		for i := start; i < len(body); i++ {
			switch body[i] {
			case '\\':
				i++
			case '"':
				return body[start:i], i + 1
			}
		}
		return nil, len(body)
	}
	return nil, len(body)
}

// textField finds the first text value of a field.
func textField(body, name []byte) []byte {
	value, _ := nextText(body, name, 0)
	return value
}

// textWithPrefix finds the first text value of a field that starts with prefix, so that the id of
// an order isn't mistaken for that of something nested in it.
func textWithPrefix(body, name []byte, prefix string) []byte {
	for from := 0; from < len(body); {
		var value []byte
		if value, from = nextText(body, name, from); hasPrefix(value, prefix) {
			return value
		}
	}
	return nil
}

func hasPrefix(value []byte, prefix string) bool {
	return len(value) >= len(prefix) && string(value[:len(prefix)]) == prefix
}

// nextNumber finds the next value of a field that is a whole number, and where it ends; ok is false
// at the end.
func nextNumber(body, name []byte, from int) (value uint32, end int, ok bool) {
	for from < len(body) {
		at := bytes.Index(body[from:], name)
		if at < 0 {
			break
		}
		from += at + len(name)
		start := skipBlank(body, from)
		i := start
		for i < len(body) && i-start < 9 && body[i] >= '0' && body[i] <= '9' {
			value = value*10 + uint32(body[i]-'0')
			i++
		}
		if i > start {
			return value, i, true
		}
	}
	return 0, len(body), false
}

func skipBlank(body []byte, at int) int {
	for at < len(body) && (body[at] == ' ' || body[at] == '\n' || body[at] == '\t' ||
		body[at] == '\r') {
		at++
	}
	return at
}

// plainURL undoes, in place, the escapes that JSON writers put into addresses: \/ and \u0026 and
// the like below 128. It returns nil for anything else.
func plainURL(text []byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	out := text[:0]
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			out = append(out, text[i])
			continue
		}
		switch {
		case i+1 < len(text) && text[i+1] == '/':
			out = append(out, '/')
			i++
		case i+5 < len(text) && text[i+1] == 'u':
			code, ok := chunkSize(text[i+2 : i+6])
			if !ok || code <= ' ' || code > '~' {
				return nil
			}
			out = append(out, byte(code))
			i += 5
		default:
			return nil
		}
	}
	return out
}

// payPath cuts the path from the address of a payment page, if that lies on authority (host and
// port) or is a path already. It returns nil for a page elsewhere, which a buyer must not load.
func payPath(address []byte, authority string) []byte {
	if len(address) > 0 && address[0] == '/' && !hasPrefix(address, "//") {
		return cleanPath(address)
	}
	const scheme = "http://"
	if !hasPrefix(address, scheme) {
		return nil
	}
	rest := address[len(scheme):]
	slash := bytes.IndexByte(rest, '/')
	if slash < 0 || string(rest[:slash]) != authority {
		return nil
	}
	return cleanPath(rest[slash:])
}

// cleanPath refuses what would break out of the request line.
func cleanPath(path []byte) []byte {
	for _, c := range path {
		if c <= ' ' || c >= 0x7f {
			return nil
		}
	}
	return path
}
