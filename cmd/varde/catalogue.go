package main

import (
	"context"
	"fmt"

	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/demo"
)

func importCourses(ctx context.Context, c console, args []string) error {
	if len(args) != 2 || args[0] != "courses" {
		return usage("import: say import courses FILE")
	}
	in, done, err := source(c, args[1])
	if err != nil {
		return err
	}
	defer done()
	return with(ctx, c, func(a *app.App) error {
		result, err := a.Catalogue.ImportTrusted(ctx, in)
		if err == nil {
			fmt.Fprintf(c.out, "courses: %d added, %d changed, %d unchanged\n", result.Added, result.Changed, result.Unchanged)
		}
		return err
	})
}

func demonstrate(ctx context.Context, c console, args []string) error {
	if err := noMore("demo", args); err != nil {
		return err
	}
	s, err := settings()
	if err != nil {
		return err
	}
	return demo.Fill(ctx, s, logger(c.err), c.out)
}
