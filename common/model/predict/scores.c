/* scores.c - see scores.h. */
#include "base/util.h"

#include "base/outfile.h"
#include "format/tsv.h"
#include "model/container.h"
#include "model/predict/scores.h"

struct scores {
	struct score_file *hdf5; /* one of these two */
	struct outfile *out;
	struct tsv_writer writer; /* to 'out' */
	char *const *classes;
	size_t n_classes;
};

static void write_header(struct scores *s)
{
	s->writer =
		(struct tsv_writer){.file = outfile_stream(s->out), .path = outfile_target(s->out)};
	tsv_put(&s->writer, "cell");
	for (size_t c = 0; c < s->n_classes; c++)
		tsv_put(&s->writer, s->classes[c]);
	tsv_end_row(&s->writer);
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

struct score_rows {
	char *const *cells;
	const double *scores;
	size_t n_classes;
};

static void put_row(struct tsv_writer *w, void *arg, size_t i)
{
	const struct score_rows *r = arg;

	tsv_put(w, r->cells[i]);
	for (size_t c = 0; c < r->n_classes; c++)
		tsv_put_float(w, r->scores[i * r->n_classes + c]);
}

int scores_add(struct scores *s, char *const *cells, const double *rows, size_t n_cells,
	       struct pool *pool, struct err *err)
{
	struct score_rows r = {.cells = cells, .scores = rows, .n_classes = s->n_classes};

	if (s->hdf5)
		return score_file_add(s->hdf5, cells, rows, n_cells, err);
	tsv_put_rows(&s->writer, pool, n_cells, put_row, &r);
	return tsv_writer_check(&s->writer, err);
}

int scores_finish(struct scores *s, struct err *err)
{
	int ret;

	if (s->hdf5) {
		ret = score_file_finish(s->hdf5, err);
	} else if (tsv_writer_close(&s->writer, err)) {
		outfile_abort(s->out);
		ret = -1;
	} else {
		ret = outfile_commit(s->out, err);
	}
	free(s);
	return ret;
}

void scores_abort(struct scores *s)
{
	if (!s)
		return;
	score_file_abort(s->hdf5);
	text_release(&s->writer.waiting);
	outfile_abort(s->out);
	free(s);
}
