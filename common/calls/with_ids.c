/* with_ids.c - ontology terms beside calls: those that cells bring, and those of their labels. */
#include "base/util.h"

#include <math.h>

#include "calls/calls.h"
#include "calls/climb.h"
#include "calls/with_ids.h"

/* The columns of ids, names and scores that a table may have, whichever step they are of. */
static bool gives_way(const char *column)
{
	static const char *const kinds[] = {"cl_id", "cl_name", "cl_score"};
	static const char *const of[] = {"", "_original", "_voted"};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		for (size_t k = 0; k < ARRAY_LEN(of); k++)
			if (str_starts(column, kinds[i]) &&
			    str_eq(column + strlen(kinds[i]), of[k]))
				return true;
	return false;
}

struct job {
	struct with_ids *w;
	struct calls *in;
	size_t id, reason; /* columns, or SIZE_MAX */
};

static const char *field(const struct job *j, size_t column)
{
	return column == SIZE_MAX ? "" : j->in->tsv->fields[column];
}

/* What a cell's id is called; its score is that of its label, when that leads to the same term. */
static int name_given(const struct job *j, const char *id, struct label_term *term, struct err *err)
{
	const struct onto *onto = j->w->onto;
	uint32_t t = onto_find(onto, id);
	struct label_term found;

	if (t == ONTO_NONE)
		return err_set(err, "%s: cell %s: the ontology has no term %s", j->in->tsv->path,
			       calls_cell(j->in), id);
	if (onto_current(onto, t) != ONTO_NONE)
		t = onto_current(onto, t);
	*term = (struct label_term){onto->terms[t].id, onto->terms[t].label, NAN};
	if (j->w->find(j->w->arg, calls_label(j->in), &found) && str_eq(found.id, term->id))
		term->score = found.score;
	j->w->n_given++;
	return 0;
}

static int put_cell(struct job *j, struct tsv_writer *w, struct err *err)
{
	const struct tsv *row = j->in->tsv;
	const char *id = field(j, j->id);
	struct label_term term = {"", "", NAN};

	for (size_t i = 0; i < row->n_fields; i++)
		if (!gives_way(row->header[i]))
			tsv_put(w, row->fields[i]);
	if (*field(j, j->reason) && !is_climbed(field(j, j->reason))) {
		/* no term */
	} else if (*id && !str_eq(id, "unknown")) {
		if (name_given(j, id, &term, err))
			return -1;
	} else if (j->w->find(j->w->arg, calls_label(j->in), &term)) {
		j->w->n_found += *term.id != '\0';
	}
	tsv_put(w, term.id);
	tsv_put(w, term.name);
	tsv_put_float(w, term.score);
	tsv_end_row(w);
	j->w->n_cells++;
	return 0;
}

static int put_cells(struct tsv_writer *w, void *arg, struct err *err)
{
	struct job *j = arg;
	int got;

	for (size_t i = 0; i < j->in->tsv->n_fields; i++)
		if (!gives_way(j->in->tsv->header[i]))
			tsv_put(w, j->in->tsv->header[i]);
	tsv_put(w, "cl_id");
	tsv_put(w, "cl_name");
	tsv_put(w, "cl_score");
	tsv_end_row(w);
	while ((got = calls_next(j->in, err)) > 0)
		if (put_cell(j, w, err))
			return -1;
	return got;
}

int calls_append_ids(struct with_ids *w, struct err *err)
{
	struct job j = {.w = w, .in = calls_open(w->input, err)};
	int ret;

	if (!j.in)
		return -1;
	j.id = tsv_column(j.in->tsv, "cl_id");
	j.reason = tsv_column(j.in->tsv, "reason");
	ret = tsv_write_file(w->output, put_cells, &j, err);
	calls_close(j.in);
	return ret;
}
