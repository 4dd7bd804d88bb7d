package rush

import "strconv"

// A script writes requests. Everything that doesn't change during a run is laid out once; the rest
// is appended to buffers that the caller reuses, so that writing a request allocates nothing.
type script struct {
	holdHead    []byte // up to and including the run's part of the idempotency key
	orderHead   []byte
	payTail     []byte // after the path of the payment page
	orderPath   []byte
	ticketsTail []byte // after the order's id
	releasePath []byte
	releaseTail []byte
	mail        string
	body        []byte
}

// newScript prepares the requests of a run. nonce sets its keys and addresses apart from those of
// every other run against the same server.
func newScript(host, event, nonce string) *script {
	common := "\r\nHost: " + host + "\r\nUser-Agent: ticketflow-flashsale\r\n"
	post := " HTTP/1.1" + common + "Accept: application/json\r\n" +
		"Content-Type: application/json\r\nIdempotency-Key: rush-" + nonce + "-"
	return &script{
		holdHead:  []byte("POST /v1/events/" + event + "/holds" + post),
		orderHead: []byte("POST /v1/orders" + post),
		payTail: []byte(" HTTP/1.1" + common + "Accept: application/json\r\n" +
			"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 12\r\n\r\n" +
			"outcome=paid"),
		orderPath: []byte("GET /v1/orders/"),
		ticketsTail: []byte("/tickets HTTP/1.1" + common +
			"Accept: application/json\r\nOrder-Token: "),
		releasePath: []byte("DELETE /v1/holds/"),
		releaseTail: []byte(" HTTP/1.1" + common + "Accept: application/json\r\nHold-Token: "),
		mail:        "@" + nonce + ".example.org",
	}
}

// write appends the request of the buyer's present step to out.
func (s *script) write(out []byte, b *buyer) []byte {
	switch b.step {
	case stepHold:
		return s.hold(out, b)
	case stepOrder:
		return s.order(out, b)
	case stepPay:
		out = append(out, "POST "...)
		out = append(out, b.pay...)
		return append(out, s.payTail...)
	case stepTickets, stepTicketsRetry:
		out = append(append(out, s.orderPath...), b.order...)
		out = append(append(out, s.ticketsTail...), b.orderToken...)
	case stepRelease:
		out = append(append(out, s.releasePath...), b.hold...)
		out = append(append(out, s.releaseTail...), b.holdToken...)
	case stepsCount: // no step
	}
	return append(out, "\r\n\r\n"...)
}

func (s *script) hold(out []byte, b *buyer) []byte {
	body := s.body[:0]
	if b.naming {
		body = append(body, `{"places":[`...)
		for i := range b.wants {
			if i > 0 {
				body = append(body, ',')
			}
			body = strconv.AppendUint(body, uint64(b.named)+uint64(i), 10)
		}
		body = append(body, `]}`...)
	} else {
		body = append(body, `{"best":{"count":`...)
		body = strconv.AppendInt(body, int64(b.wants), 10)
		body = append(body, `,"split_allowed":`...)
		body = strconv.AppendBool(body, b.splitAllowed)
		body = append(body, `}}`...)
	}
	return s.keyed(append(out, s.holdHead...), b, 'h', body)
}

func (s *script) order(out []byte, b *buyer) []byte {
	body := append(s.body[:0], `{"hold":"`...)
	body = append(body, b.hold...)
	body = append(body, `","hold_token":"`...)
	body = append(body, b.holdToken...)
	body = append(body, `","buyer":{"name":"Buyer `...)
	body = strconv.AppendInt(body, int64(b.no), 10)
	body = append(body, `","email":"b`...)
	body = strconv.AppendInt(body, int64(b.no), 10)
	body = append(body, '-')
	body = strconv.AppendInt(body, int64(b.round), 10)
	body = append(body, s.mail...)
	body = append(body, `"}}`...)
	return s.keyed(append(out, s.orderHead...), b, 'o', body)
}

// keyed ends a request with the rest of its idempotency key and its body. The key names buyer,
// round, step and try: a repetition must carry the same key, a changed wish another.
func (s *script) keyed(out []byte, b *buyer, kind byte, body []byte) []byte {
	s.body = body
	out = strconv.AppendInt(out, int64(b.no), 10)
	out = append(out, '-')
	out = strconv.AppendInt(out, int64(b.round), 10)
	out = append(out, '-', kind)
	out = strconv.AppendInt(out, int64(b.wish), 10)
	out = append(out, "\r\nContent-Length: "...)
	out = strconv.AppendInt(out, int64(len(body)), 10)
	out = append(out, "\r\n\r\n"...)
	return append(out, body...)
}
