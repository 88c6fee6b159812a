package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/varde-platform/varde/internal/testkit/services"
)

// Program builds varde once for this process, with the tag testclock and
// otherwise as `make build` does, and gives its path. It goes with the process.
func Program() (string, error) { return program() }

var program = sync.OnceValues(func() (string, error) {
	folder, err := services.NewProcess("varde-program-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder.Folder, "varde")
	return path, build(context.Background(), path, "-tags", "testclock")
})

func build(ctx context.Context, path string, flags ...string) error {
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-o", path}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, "github.com/varde-platform/varde/cmd/varde")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build varde: %w: %s", err, output)
	}
	return nil
}

// run runs a command of the program to its end and gives what it printed.
func run(ctx context.Context, program string, settings map[string]string, input string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = environ(settings)
	cmd.Stdin = strings.NewReader(input)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("varde %s: %w\n%s%s", strings.Join(args, " "), err, out.String(), errs.String())
	}
	return out.String(), nil
}
