package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/demo"
)

func importCourses(ctx context.Context, c console, args []string) error {
	var options []catalogue.ImportOption
	words := slices.DeleteFunc(slices.Clone(args), func(arg string) bool {
		overwrite := arg == "--overwrite" || arg == "-overwrite"
		if overwrite {
			options = append(options, catalogue.Overwrite)
		}
		return overwrite
	})
	if len(words) != 2 || words[0] != "courses" {
		return usage("import: say import courses [--overwrite] FILE")
	}
	in, done, err := source(c, words[1])
	if err != nil {
		return err
	}
	defer done()
	return with(ctx, c, func(a *app.App) error {
		result, err := a.Catalogue.ImportTrusted(ctx, in, options...)
		if err == nil {
			tellImport(c, result)
		}
		return err
	})
}

func tellImport(c console, result catalogue.ImportResult) {
	fmt.Fprintf(c.out, "courses: %d added, %d changed, %d unchanged\n", result.Added, result.Changed, result.Unchanged)
	if len(result.Kept) == 0 {
		return
	}
	fmt.Fprintf(c.out, "texts kept as they were edited in Varde: %d; import courses --overwrite takes those of the file\n", len(result.Kept))
	for _, k := range result.Kept {
		fmt.Fprintf(c.out, "  %s: %s in %s\n", k.Slug, k.Kind, k.Lang)
	}
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
