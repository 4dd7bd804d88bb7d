package engines

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/rabbitmq/amqp091-go"
)

// RabbitMQ starts a broker with the default virtual host and without plugins. Its URL's user may
// do everything.
func RabbitMQ(ctx context.Context) (*Server, error) { return rabbit(ctx, false) }

// ManagedRabbitMQ starts a broker with its management API, through which virtual hosts are made
// in a twentieth of the time that rabbitmqctl takes.
func ManagedRabbitMQ(ctx context.Context) (*Server, error) { return rabbit(ctx, true) }

func rabbit(ctx context.Context, managed bool) (*Server, error) {
	// Debian's program in PATH is a wrapper that changes the user and forgets the environment.
	server, err := find("/usr/lib/rabbitmq/bin/rabbitmq-server",
		"/opt/rabbitmq/sbin/rabbitmq-server", "/opt/homebrew/sbin/rabbitmq-server",
		"/usr/local/sbin/rabbitmq-server", "rabbitmq-server")
	if err != nil {
		return nil, err
	}
	epmd, err := find("epmd")
	if err != nil {
		return nil, err
	}
	var environment []string
	return launch(ctx, engine{
		name: "rabbitmq",
		prepare: func(ctx context.Context, s *Server) (err error) {
			environment, err = brokerFiles(ctx, s, managed)
			return err
		},
		command: func(s *Server) *exec.Cmd {
			// Erlang's port mapper shares the broker's group and so its end. Without one beside
			// it the broker starts one that outlives it.
			c := foreground("/bin/sh", "-c",
				`"$1" -address 127.0.0.1 & exec "$2"`, "broker", epmd, server)
			c.Env = environment
			return c
		},
		ready: func(ctx context.Context, s *Server) error {
			return RabbitMQAnswers(ctx, s.URL, s.AdminURL)
		},
		stop:  terminate,
		abort: kill,
	})
}

// brokerFiles writes the configuration, sets the URLs and gives the environment of the broker's
// processes: nothing of the machine's own broker is read or touched.
func brokerFiles(ctx context.Context, s *Server, managed bool) ([]string, error) {
	var ports [3]int // Erlang's distribution, its port mapper, management
	for i := range ports {
		var err error
		if ports[i], err = freePort(ctx); err != nil {
			return nil, err
		}
	}
	plugins := "[].\n"
	config := "listeners.tcp.default = " + loopback(s.port) + "\n" +
		"disk_free_limit.absolute = 50MB\n" +
		"vm_memory_high_watermark.absolute = 512MB\n"
	s.URL = "amqp://guest:guest@" + loopback(s.port) + "/"
	if managed {
		plugins = "[rabbitmq_management].\n"
		config += fmt.Sprintf("management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = %d\n", ports[2])
		s.AdminURL = "http://guest:guest@" + loopback(ports[2])
	}
	file := func(name string) string { return filepath.Join(s.folder, name) }
	for name, text := range map[string]string{"plugins": plugins, "rabbitmq.conf": config} {
		if err := os.WriteFile(file(name), []byte(text), secretMode); err != nil {
			return nil, err
		}
	}
	node := fmt.Sprintf("ticketflow%d@localhost", s.port)
	return []string{
		"PATH=" + os.Getenv("PATH"),
		"LANG=C.UTF-8",
		"HOME=" + s.folder, // the cookie lies there
		"ERL_EPMD_PORT=" + strconv.Itoa(ports[1]),
		"ERL_EPMD_ADDRESS=127.0.0.1",
		"RABBITMQ_NODENAME=" + node,
		"RABBITMQ_DIST_PORT=" + strconv.Itoa(ports[0]),
		"RABBITMQ_MNESIA_BASE=" + file("mnesia"),
		"RABBITMQ_LOG_BASE=" + file("log"),
		"RABBITMQ_LOGS=-",
		"RABBITMQ_ENABLED_PLUGINS_FILE=" + file("plugins"),
		"RABBITMQ_CONFIG_FILE=" + file("rabbitmq"),
		"RABBITMQ_ADVANCED_CONFIG_FILE=" + file("advanced"),
		"RABBITMQ_GENERATED_CONFIG_DIR=" + file("generated"),
		"RABBITMQ_SCHEMA_DIR=" + file("schema"),
		"RABBITMQ_CONF_ENV_FILE=/dev/null",
		// The virtual machine itself is the child, without a shell between: signals reach it.
		"RABBITMQ_ALLOW_INPUT=1",
		"RABBITMQ_SERVER_START_ARGS=-noinput",
	}, nil
}

// RabbitMQAnswers fails unless the broker at that address lets us in, and its management API too
// where an address of that is given.
func RabbitMQAnswers(ctx context.Context, address, adminURL string) error {
	conn, err := amqp091.DialConfig(address, amqp091.Config{Dial: amqp091.DefaultDial(probeLimit)})
	if err != nil {
		return err
	}
	err = conn.Close()
	if adminURL != "" {
		err = errors.Join(err, manage(ctx, http.MethodGet, adminURL, "/api/overview"))
	}
	return err
}

// AddVirtualHost makes an empty virtual host and lets the address's user in.
func AddVirtualHost(ctx context.Context, adminURL, name string) error {
	return manage(ctx, http.MethodPut, adminURL, "/api/vhosts/"+url.PathEscape(name))
}

// DeleteVirtualHost removes a virtual host with everything in it.
func DeleteVirtualHost(ctx context.Context, adminURL, name string) error {
	return manage(ctx, http.MethodDelete, adminURL, "/api/vhosts/"+url.PathEscape(name))
}

// manage sends one request without a body to the management API.
func manage(ctx context.Context, method, adminURL, path string) error {
	request, err := http.NewRequestWithContext(ctx, method, adminURL+path, http.NoBody)
	if err != nil {
		return err
	}
	// A connection that is kept would be a goroutine that is kept.
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %s", method, path, response.Status)
	}
	return nil
}
