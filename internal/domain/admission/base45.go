package admission

// alphabet is table 1 of RFC 9285, which is also the alphanumeric mode of QR codes.
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// values is the inverse of alphabet; 0xFF is no character of it.
var values = func() (v [256]byte) {
	for i := range v {
		v[i] = 0xFF
	}
	for i := range len(alphabet) {
		v[alphabet[i]] = byte(i)
	}
	return v
}()

// appendBase45 writes two bytes as three characters, the least significant first, and a last single
// byte as two.
func appendBase45(dst, src []byte) []byte {
	for len(src) >= 2 {
		n := uint(src[0])<<8 | uint(src[1])
		dst = append(dst, alphabet[n%45], alphabet[n/45%45], alphabet[n/2025])
		src = src[2:]
	}
	if len(src) == 1 {
		dst = append(dst, alphabet[src[0]%45], alphabet[src[0]/45])
	}
	return dst
}

// decodeBase45 is the strict inverse: every group must be in range, so there is one spelling only.
func decodeBase45(dst []byte, src string) ([]byte, bool) {
	for len(src) >= 3 {
		c, d, e := values[src[0]], values[src[1]], values[src[2]]
		n := uint(c) + 45*uint(d) + 2025*uint(e)
		if c == 0xFF || d == 0xFF || e == 0xFF || n > 0xFFFF {
			return dst, false
		}
		dst = append(dst, byte(n>>8), byte(n))
		src = src[3:]
	}
	switch len(src) {
	case 0:
		return dst, true
	case 2:
		c, d := values[src[0]], values[src[1]]
		n := uint(c) + 45*uint(d)
		if c == 0xFF || d == 0xFF || n > 0xFF {
			return dst, false
		}
		return append(dst, byte(n)), true
	default:
		return dst, false
	}
}
