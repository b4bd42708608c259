/* samples.c - sample_summary.csv, read, counted, filtered and written. */
#include "base/util.h"

#include <math.h>
#include <strings.h>

#include "format/csv.h"
#include "format/tsv.h"
#include "ref/samples.h"

bool samples_count(const char *text, size_t *count)
{
	double value;

	*count = 0;
	if (!*text || strcasecmp(text, "NA") == 0 || strcasecmp(text, "nan") == 0)
		return true;
	if (!parse_double(text, &value) || !(value >= 0) || value > 1e15 || value != floor(value))
		return false;
	*count = (size_t)value;
	return true;
}

void samples_release(struct samples *s)
{
	free(s->items);
	arena_release(&s->arena);
	*s = (struct samples){.n = 0};
}

static const char *keep(struct samples *s, const char *text)
{
	return arena_str(&s->arena, text, strlen(text));
}

static void add_row(struct samples *s, const struct csv *in, const size_t *at, size_t sample,
		    size_t cells)
{
	MEM_GROW(s->items, s->n + 1, s->cap);
	s->items[s->n++] = (struct ref_sample){
		.study = keep(s, in->fields[at[0]]),
		.id = keep(s, sample == SIZE_MAX ? "" : in->fields[sample]),
		.type = keep(s, in->fields[at[1]]),
		.cells = cells,
	};
}

int samples_read(struct samples *s, const char *path, struct err *err)
{
	struct csv *in = csv_open(path, err);
	size_t at[2], n, sample, cells;
	int got = -1;

	if (!in)
		return -1;
	if (csv_need(in, "study_id", &at[0], err) || csv_need(in, "celltype", &at[1], err) ||
	    csv_need(in, "n", &n, err))
		goto close;
	sample = csv_column(in, "sample_id");
	while ((got = csv_next(in, err)) > 0) {
		if (!samples_count(in->fields[n], &cells)) {
			got = err_set(err, "%s: line %zu: n: \"%s\" is not a number of cells", path,
				      in->line, in->fields[n]);
			break;
		}
		add_row(s, in, at, sample, cells);
	}
close:
	csv_close(in);
	return got;
}

size_t samples_cells(const struct samples *s, const char *study, samples_test *test, void *arg)
{
	size_t cells = 0;

	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->items[i].study, study) && (!test || test(arg, &s->items[i])))
			cells += s->items[i].cells;
	return cells;
}

size_t samples_types(const struct samples *s, const char *study)
{
	struct strtab types = {0};
	size_t n;

	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->items[i].study, study))
			strtab_add(&types, s->items[i].type);
	n = types.n;
	strtab_release(&types);
	return n;
}

void samples_keep(struct samples *s, samples_test *test, void *arg)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n; i++)
		if (test(arg, &s->items[i]))
			s->items[kept++] = s->items[i];
	s->n = kept;
}

static int put_samples(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct samples *s = arg;

	(void)err;
	w->sanitize = true; /* spreadsheets break lines */
	tsv_header(w, "id\tsample\tcelltype\tcells");
	for (size_t i = 0; i < s->n; i++) {
		tsv_put(w, s->items[i].study);
		tsv_put(w, s->items[i].id);
		tsv_put(w, s->items[i].type);
		tsv_put_size(w, s->items[i].cells);
		tsv_end_row(w);
	}
	return 0;
}

int samples_write(const struct samples *s, const char *path, struct err *err)
{
	return tsv_write_file(path, put_samples, (void *)(uintptr_t)s, err);
}
