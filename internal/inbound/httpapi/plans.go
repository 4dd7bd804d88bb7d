package httpapi

type planShelf struct{}
