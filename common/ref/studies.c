#include "ref/studies.h"

#include <math.h>
#include <strings.h>
#include <unistd.h>

#include "base/strtab.h"
#include "base/text.h"
#include "format/csv.h"
#include "net/address.h"

/* What the samples say about the studies, by study id. */
struct samples {
	struct strtab ids, pairs; /* pairs: study and cell type */
	size_t *cells, *types;
	size_t cap_cells, cap_types;
};

static void release_samples(struct samples *s)
{
	strtab_release(&s->ids);
	strtab_release(&s->pairs);
	free(s->cells);
	free(s->types);
}

/* pandas writes whole numbers with ".0" where some are missing. False when it is no count. */
static bool read_count(const char *text, size_t *count)
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

static void count_sample(struct samples *s, const char *id, const char *type, size_t cells)
{
	size_t n_ids = s->ids.n, n_pairs = s->pairs.n;
	uint32_t at = strtab_add(&s->ids, id);
	char *pair = mem_printf("%s\t%s", id, type);

	MEM_GROW(s->cells, s->ids.n, s->cap_cells);
	MEM_GROW(s->types, s->ids.n, s->cap_types);
	if (s->ids.n > n_ids)
		s->cells[at] = s->types[at] = 0;
	s->cells[at] += cells;
	s->types[at] += strtab_add(&s->pairs, pair) == n_pairs;
	free(pair);
}

static int bad_count(const char *path, const struct csv *in, size_t at, struct err *err)
{
	return err_set(err, "%s: line %zu: %s: \"%s\" is not a number of cells", path, in->line,
		       in->header[at], in->fields[at]);
}

static int read_samples(struct samples *s, const char *path, struct err *err)
{
	struct csv *in = csv_open(path, err);
	size_t id, type, n, cells;
	int got = -1;

	if (!in)
		return -1;
	if (csv_need(in, "study_id", &id, err) || csv_need(in, "celltype", &type, err) ||
	    csv_need(in, "n", &n, err))
		goto done;
	while ((got = csv_next(in, err)) > 0) {
		if (!read_count(in->fields[n], &cells)) {
			got = bad_count(path, in, n, err);
			break;
		}
		count_sample(s, in->fields[id], in->fields[type], cells);
	}
done:
	csv_close(in);
	return got;
}

/* ---- studies ---- */

struct columns {
	size_t id, condition, tissue, cells, site, species, subjects, samples; /* some SIZE_MAX */
};

static int find_columns(struct columns *c, const struct csv *in, struct err *err)
{
	c->site = csv_column(in, "sample_site_standardized");
	c->species = csv_column(in, "species_standardized");
	c->subjects = csv_column(in, "n_subjects");
	c->samples = csv_column(in, "n_samples");
	return csv_need(in, "study_id", &c->id, err) ||
			       csv_need(in, "condition_standardized", &c->condition, err) ||
			       csv_need(in, "tissue_standardized", &c->tissue, err) ||
			       csv_need(in, "n_cells", &c->cells, err)
		       ? -1
		       : 0;
}

static const char *field(const struct csv *in, size_t at)
{
	return at == SIZE_MAX ? "" : in->fields[at];
}

/* "study 21: lesional, 12 subjects, 18 samples, 9 cell types" */
static const char *make_title(struct references *list, const struct csv *in,
			      const struct columns *c, size_t n_types)
{
	struct text t = TEXT_INIT;
	const char *kept;

	text_add(&t, "study %s", in->fields[c->id]);
	if (*field(in, c->site))
		text_add(&t, ", %s", field(in, c->site));
	if (*field(in, c->subjects))
		text_add(&t, ", %s subjects", field(in, c->subjects));
	if (*field(in, c->samples))
		text_add(&t, ", %s samples", field(in, c->samples));
	if (n_types)
		text_add(&t, ", %zu cell types", n_types);
	kept = references_keep(list, t.s);
	text_release(&t);
	return kept;
}

static int add_study(struct references *list, const struct csv *in, const struct columns *c,
		     const struct samples *s, const char *folder, const char *path, struct err *err)
{
	const char *id = in->fields[c->id];
	uint32_t at = strtab_find(&s->ids, id);
	struct reference *r;
	char *file;

	if (!*id || strchr(id, '/') || id[0] == '.')
		return err_set(err, "%s: line %zu: \"%s\" is not the id of a study", path, in->line,
			       id);
	r = references_add(list);
	r->id = references_keep(list, id);
	r->source = "local";
	r->access = "public";
	r->condition = references_keep(list, in->fields[c->condition]);
	r->tissue = references_keep(list, in->fields[c->tissue]);
	r->organism = references_keep(list, field(in, c->species));
	r->title = make_title(list, in, c, at == STRTAB_NONE ? 0 : s->types[at]);
	if (!read_count(in->fields[c->cells], &r->cells))
		return bad_count(path, in, c->cells, err);
	if (!r->cells && at != STRTAB_NONE)
		r->cells = s->cells[at];
	file = mem_printf("%s/seurat_objects/%s.curated.seurat.rds", folder, id);
	r->address = references_keep(list, file);
	free(file);
	return 0;
}

static int read_studies(struct references *list, const struct samples *s, const char *folder,
			const char *path, struct err *err)
{
	struct csv *in = csv_open(path, err);
	struct columns c;
	int got = -1;

	if (!in)
		return -1;
	if (find_columns(&c, in, err))
		goto done;
	while ((got = csv_next(in, err)) > 0)
		if (add_study(list, in, &c, s, folder, path, err)) {
			got = -1;
			break;
		}
done:
	csv_close(in);
	return got;
}

int studies_add(struct references *list, const char *folder, struct err *err)
{
	char *studies = address_join(folder, "metadata_summary.csv");
	char *by_sample = address_join(folder, "sample_summary.csv");
	struct samples s = {0};
	int ret = access(by_sample, F_OK) == 0 ? read_samples(&s, by_sample, err) : 0;

	if (ret == 0)
		ret = read_studies(list, &s, folder, studies, err);
	free(studies);
	free(by_sample);
	release_samples(&s);
	return ret;
}
