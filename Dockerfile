# The program alone, for a container: static, without a shell, not root. It writes to /data only.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=development
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" \
    -o /out/ticketflow ./cmd/ticketflow && mkdir /out/data

FROM scratch
# For addresses that the program calls over TLS. Time zones are compiled in.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/ticketflow /ticketflow
# A volume that is mounted here for the first time belongs to the program's user.
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENV TICKETFLOW_ADDR=0.0.0.0:8080 TICKETFLOW_DATA=/data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/ticketflow", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/ticketflow"]
CMD ["serve"]
