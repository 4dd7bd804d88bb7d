package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// strictJSON reads a configuration file: one object from flags' names to their values. A name that
// no flag has is an error, so that a slip of the pen doesn't go unnoticed.
func strictJSON(r io.Reader) (kong.Resolver, error) {
	values := map[string]any{}
	in := json.NewDecoder(r)
	if err := in.Decode(&values); err != nil {
		return nil, fmt.Errorf("the configuration file is no JSON object: %w", err)
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the configuration file has something behind its object")
	}
	return fileValues(values), nil
}

// fileValues are the settings of a configuration file.
type fileValues map[string]any

// Validate implements kong.Resolver.
func (v fileValues) Validate(app *kong.Application) error {
	known := map[string]bool{}
	for _, node := range append([]*kong.Node{app.Node}, app.Children...) {
		for _, flag := range node.Flags {
			known[flag.Name] = true
		}
	}
	for name := range v {
		if !known[name] {
			return fmt.Errorf("the configuration file sets %q, which is no setting", name)
		}
	}
	return nil
}

// Resolve implements kong.Resolver.
func (v fileValues) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	value, ok := v[flag.Name]
	if !ok {
		return nil, nil
	}
	// kong lets a file win over the environment; here the environment is closer to the operator.
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	// kong reads durations and numbers from text; a JSON number must not become 1e+06.
	if number, ok := value.(float64); ok {
		return strings.TrimSuffix(fmt.Sprintf("%.6f", number), ".000000"), nil
	}
	return value, nil
}
