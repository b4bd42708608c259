/* scores.c - see scores.h. */
#include "base/util.h"

#include "base/outfile.h"
#include "model/container.h"
#include "model/predict/scores.h"

#define PART_CELLS 128

struct scores {
	struct score_file *hdf5; /* one of these two */
	struct outfile *out;
	char *const *classes;
	size_t n_classes;
};

/* ---- text in parts ---- */

struct parts {
	void (*make)(void *job, size_t part, struct text *text);
	void *job;
	struct text *texts;
};

static void make_part(void *job, size_t part)
{
	struct parts *parts = job;

	parts->texts[part] = (struct text)TEXT_INIT;
	parts->make(parts->job, part, &parts->texts[part]);
}

int write_parts(FILE *file, const char *path, size_t n_parts,
		void (*make)(void *job, size_t part, struct text *text), void *job,
		struct pool *pool, struct err *err)
{
	struct parts parts = {.make = make, .job = job};
	bool ok = true;

	MEM_ARRAY(parts.texts, n_parts);
	pool_run(pool, n_parts, make_part, &parts);
	for (size_t part = 0; part < n_parts; part++) {
		struct text *text = &parts.texts[part];

		ok = ok && fwrite(text->s, 1, text->len, file) == text->len;
		text_release(text);
	}
	free(parts.texts);
	return ok ? 0 : err_errno(err, "%s: cannot be written", path);
}

/* ---- a matrix ---- */

static void write_header(const struct scores *s)
{
	FILE *file = outfile_stream(s->out);

	fputs("cell", file);
	for (size_t c = 0; c < s->n_classes; c++)
		fprintf(file, "\t%s", s->classes[c]);
	fputc('\n', file);
}

struct scores *scores_open(const char *path, const char *name, char *const *classes,
			   size_t n_classes, size_t n_cells, size_t cell_width, struct err *err)
{
	struct scores *s;

	MEM_ZERO(s, 1);
	s->classes = classes;
	s->n_classes = n_classes;
	if (str_ends(path, ".h5"))
		s->hdf5 = score_file_open(path, name, classes, n_classes, n_cells, cell_width, err);
	else
		s->out = outfile_open(path, err);
	if (!s->hdf5 && !s->out) {
		free(s);
		return NULL;
	}
	if (s->out)
		write_header(s);
	return s;
}

struct rows {
	const struct scores *s;
	char *const *cells;
	const double *rows;
	size_t n_cells;
};

static void make_rows(void *job, size_t part, struct text *text)
{
	const struct rows *r = job;
	const struct scores *s = r->s;
	size_t first = part * PART_CELLS, last = MIN(first + PART_CELLS, r->n_cells);
	char number[32];

	for (size_t i = first; i < last; i++) {
		const char *cell = r->cells[i];

		text_add_bytes(text, cell, strlen(cell));
		for (size_t c = 0; c < s->n_classes; c++) {
			int len = format_float(number, r->rows[i * s->n_classes + c]);

			text_add_char(text, '\t');
			text_add_bytes(text, number, (size_t)len);
		}
		text_add_char(text, '\n');
	}
}

int scores_add(struct scores *s, char *const *cells, const double *rows, size_t n_cells,
	       struct pool *pool, struct err *err)
{
	struct rows r = {.s = s, .cells = cells, .rows = rows, .n_cells = n_cells};
	int ret;

	if (s->hdf5)
		ret = score_file_add(s->hdf5, cells, rows, n_cells, err);
	else
		ret = write_parts(outfile_stream(s->out), outfile_target(s->out),
				  (n_cells + PART_CELLS - 1) / PART_CELLS, make_rows, &r, pool,
				  err);
	return ret;
}

int scores_finish(struct scores *s, struct err *err)
{
	int ret = s->hdf5 ? score_file_finish(s->hdf5, err) : outfile_commit(s->out, err);

	free(s);
	return ret;
}

void scores_abort(struct scores *s)
{
	if (!s)
		return;
	score_file_abort(s->hdf5);
	outfile_abort(s->out);
	free(s);
}
