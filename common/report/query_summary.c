/* query_summary.c - see query_summary.h. */
#include "base/util.h"

#include <math.h>

#include "base/text.h"
#include "calls/calls.h"
#include "calls/climb.h"
#include "report/query_summary.h"

#include <sys/stat.h>

/* Columns beyond those every predictions table has; SIZE_MAX where there is none. */
struct columns {
	size_t agree, models, voted, original, reason, cl_id, cl_name, cl_score;
};

struct query_summary *query_new(const char *path)
{
	struct query_summary *q = mem_zero(1, sizeof(*q));

	q->path = path;
	q->name = mem_str(path_file(path));
	for (size_t i = 0; i < 2; i++) {
		const char *ending = i ? ".tsv" : ".gz";

		if (str_ends(q->name, ending) && strlen(q->name) > strlen(ending))
			q->name[strlen(q->name) - strlen(ending)] = '\0';
	}
	return q;
}

void query_free(struct query_summary *q)
{
	if (!q)
		return;
	for (size_t i = 0; i < q->batches.n; i++)
		free(q->batch_cells[i]);
	free(q->batch_cells);
	free(q->cap_batch_labels);
	strtab_release(&q->label_names);
	strtab_release(&q->reasons);
	strtab_release(&q->models);
	strtab_release(&q->batches);
	free(q->reason_cells);
	free(q->model_cells);
	free(q->labels);
	free(q->by_count);
	free(q->name);
	arena_release(&q->arena);
	free(q);
}

static struct columns find_columns(const struct tsv *t)
{
	return (struct columns){.agree = tsv_column(t, "agree"),
				.models = tsv_column(t, "models"),
				.voted = tsv_column(t, "majority_voting"),
				.original = tsv_column(t, "label_original"),
				.reason = tsv_column(t, "reason"),
				.cl_id = tsv_column(t, "cl_id"),
				.cl_name = tsv_column(t, "cl_name"),
				.cl_score = tsv_column(t, "cl_score")};
}

static const char *field(const struct tsv *t, size_t column)
{
	return column == SIZE_MAX ? "" : t->fields[column];
}

/* The number of a label, with room for its sums. */
static uint32_t label_number(struct query_summary *q, const char *name)
{
	size_t n = q->label_names.n;
	uint32_t label = strtab_add(&q->label_names, name);

	if (q->label_names.n > n) {
		MEM_GROW(q->labels, n + 1, q->cap_labels);
		q->labels[n] = (struct label_sum){
			.cl_id = text_empty, .cl_name = text_empty, .cl_score = text_empty};
	}
	return label;
}

static char *keep(struct query_summary *q, const char *s)
{
	return arena_str(&q->arena, s, strlen(s));
}

static void note_term(struct query_summary *q, struct label_sum *l, const struct tsv *t,
		      const struct columns *c)
{
	l->cl_id = keep(q, field(t, c->cl_id));
	l->cl_name = keep(q, field(t, c->cl_name));
	l->cl_score = keep(q, field(t, c->cl_score));
}

static void count_name(struct strtab *names, size_t **cells, size_t *cap, const char *name)
{
	size_t n = names->n;
	uint32_t id = strtab_add(names, name);

	if (names->n > n) {
		MEM_GROW(*cells, n + 1, *cap);
		(*cells)[n] = 0;
	}
	(*cells)[id]++;
}

static void count_confidence(struct query_summary *q, struct label_sum *l, const struct calls *in)
{
	if (!isnan(in->confidence)) {
		double at = in->confidence * CONFIDENCE_BINS;
		size_t bin = at >= CONFIDENCE_BINS ? CONFIDENCE_BINS - 1 : at > 0 ? (size_t)at : 0;

		l->confidence += in->confidence;
		l->n_confident++;
		l->histogram[bin]++;
		q->has_confidence = true;
	}
	if (!isnan(in->margin)) {
		l->margin += in->margin;
		l->n_margin++;
		q->has_margin = true;
	}
}

static void count_agreement(struct query_summary *q, struct label_sum *l, const struct tsv *t,
			    const struct columns *c)
{
	size_t agree, models;

	if (!parse_size(field(t, c->agree), 0, SIZE_MAX / 2, &agree) ||
	    !parse_size(field(t, c->models), 1, SIZE_MAX / 2, &models))
		return;
	l->n_agreed += agree;
	l->n_models += models;
	q->agree_cells[MIN(agree, ARRAY_LEN(q->agree_cells) - 1)]++;
	q->most_models = MAX(q->most_models, models);
	q->has_agreement = true;
}

static void count_batch(struct query_summary *q, const char *name, uint32_t label)
{
	size_t n = q->batches.n;
	uint32_t batch = strtab_add(&q->batches, name);
	size_t had;

	if (q->batches.n > n) {
		MEM_GROW(q->batch_cells, n + 1, q->cap_batches);
		MEM_GROW(q->cap_batch_labels, n + 1, q->cap_batch_rows);
		q->batch_cells[n] = NULL;
		q->cap_batch_labels[n] = 0;
	}
	had = q->cap_batch_labels[batch];
	MEM_GROW(q->batch_cells[batch], (size_t)label + 1, q->cap_batch_labels[batch]);
	for (size_t i = had; i < q->cap_batch_labels[batch]; i++)
		q->batch_cells[batch][i] = 0;
	q->batch_cells[batch][label]++;
}

size_t query_n_labels(const struct query_summary *q)
{
	uint32_t unknown = strtab_find(&q->label_names, "Unknown");

	return q->n_called - (unknown != STRTAB_NONE && q->labels[unknown].n);
}

size_t query_batch_cells(const struct query_summary *q, uint32_t batch, uint32_t label)
{
	return label < q->cap_batch_labels[batch] ? q->batch_cells[batch][label] : 0;
}

static uint32_t count_cell(struct query_summary *q, const struct calls *in, const struct columns *c)
{
	const struct tsv *t = in->tsv;
	uint32_t label = label_number(q, calls_label(in)), before, voted;
	struct label_sum *l = &q->labels[label];

	if (l->n++ == 0)
		note_term(q, l, t, c);
	count_confidence(q, l, in);
	count_agreement(q, l, t, c);
	before = c->original == SIZE_MAX ? label : label_number(q, t->fields[c->original]);
	q->labels[before].n_before++; /* finding a number may move the sums */
	if (c->voted != SIZE_MAX) {
		voted = label_number(q, t->fields[c->voted]);
		q->labels[voted].n_voted++;
	}
	if (*field(t, c->reason)) {
		count_name(&q->reasons, &q->reason_cells, &q->cap_reasons, t->fields[c->reason]);
		q->n_climbed += is_climbed(t->fields[c->reason]);
		q->n_unknown += !is_climbed(t->fields[c->reason]);
	}
	if (in->model_column != SIZE_MAX && *t->fields[in->model_column])
		count_name(&q->models, &q->model_cells, &q->cap_models,
			   t->fields[in->model_column]);
	if (in->novelty >= 0) {
		q->novelty_cells[(size_t)MIN(in->novelty, NOVELTY_BINS - 1)]++;
		q->n_with_novelty++;
	}
	q->n_cells++;
	return label;
}

/* Most cells first, then by name. */
static int compare_counts(const void *a, const void *b, void *arg)
{
	const struct query_summary *q = arg;
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (q->labels[x].n != q->labels[y].n)
		return q->labels[x].n < q->labels[y].n ? 1 : -1;
	return strcmp(strtab_str(&q->label_names, x), strtab_str(&q->label_names, y));
}

static void order_labels(struct query_summary *q)
{
	MEM_ARRAY(q->by_count, q->label_names.n + 1);
	for (uint32_t i = 0; i < q->label_names.n; i++)
		if (q->labels[i].n)
			q->by_count[q->n_called++] = i;
	qsort_r(q->by_count, q->n_called, sizeof(*q->by_count), compare_counts, q);
}

bool query_is_not_typed(struct query_summary *q)
{
	static const char mark[] = "# not typed: ";
	struct stat st;
	bool is_file = stat(q->path, &st) == 0 && S_ISREG(st.st_mode); /* a pipe is read once */
	FILE *file = is_file ? fopen(q->path, "re") : NULL;
	char line[1200];

	if (file && fgets(line, sizeof(line), file) && str_starts(line, mark)) {
		line[strcspn(line, "\n")] = '\0';
		q->not_typed =
			arena_str(&q->arena, line + strlen(mark), strlen(line + strlen(mark)));
	}
	if (file)
		fclose(file);
	return q->not_typed;
}

static int show_cell(const struct query_summary *q, const struct query_watch *watch,
		     const struct calls *in, struct seen_cell *seen, struct err *err)
{
	bool has_model = in->model_column != SIZE_MAX && *in->tsv->fields[in->model_column];

	seen->name = calls_cell(in);
	seen->model = has_model ? strtab_find(&q->models, in->tsv->fields[in->model_column])
				: STRTAB_NONE;
	seen->confidence = in->confidence;
	seen->novelty = in->novelty;
	return watch->cell(watch->arg, seen, err);
}

int query_read(struct query_summary *q, const struct query_watch *watch, struct err *err)
{
	struct calls *in = calls_open(q->path, err);
	struct columns c;
	int got;

	if (!in)
		return -1;
	c = find_columns(in->tsv);
	q->has_reasons = c.reason != SIZE_MAX;
	q->has_vote = c.voted != SIZE_MAX;
	q->has_ids = c.cl_id != SIZE_MAX;
	while ((got = calls_next(in, err)) > 0) {
		struct seen_cell seen = {.row = q->n_cells};

		seen.label = count_cell(q, in, &c);
		if (watch && watch->batch && watch->batch(watch->arg, seen.row))
			count_batch(q, watch->batch(watch->arg, seen.row), seen.label);
		if (watch && watch->cell && show_cell(q, watch, in, &seen, err)) {
			got = -1;
			break;
		}
	}
	calls_close(in);
	order_labels(q);
	return got;
}

int query_read_clusters(struct query_summary *q, const struct query_watch *watch, struct err *err)
{
	struct tsv *in = tsv_open(q->path, err);
	size_t cluster;
	int got = -1;

	if (in && !tsv_need(in, "cluster", &cluster, err)) {
		while ((got = tsv_next(in, err)) > 0) {
			struct seen_cell seen = {.row = q->n_cells,
						 .name = in->fields[0],
						 .label = label_number(q, in->fields[cluster]),
						 .model = STRTAB_NONE,
						 .confidence = NAN,
						 .novelty = NAN};

			q->labels[seen.label].n++;
			if (watch && watch->cell(watch->arg, &seen, err)) {
				got = -1;
				break;
			}
			q->n_cells++;
		}
	}
	tsv_close(in);
	order_labels(q);
	return got;
}
