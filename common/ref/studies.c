/* studies.c - the tables of a folder of curated Seurat objects. */
#include "base/util.h"

#include <unistd.h>

#include "base/text.h"
#include "format/csv.h"
#include "net/address.h"
#include "ref/studies.h"

static int bad_count(const char *path, const struct csv *in, size_t at, struct err *err)
{
	return err_set(err, "%s: line %zu: %s: \"%s\" is not a number of cells", path, in->line,
		       in->header[at], in->fields[at]);
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
	struct ref_entry *r;
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
	r->title = make_title(list, in, c, samples_types(s, id));
	if (!samples_count(in->fields[c->cells], &r->cells))
		return bad_count(path, in, c->cells, err);
	if (!r->cells)
		r->cells = samples_cells(s, id, NULL, NULL);
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

int studies_add(struct references *list, const char *folder, struct samples *samples,
		struct err *err)
{
	char *studies = address_join(folder, "metadata_summary.csv");
	char *by_sample = address_join(folder, "sample_summary.csv");
	int ret = access(by_sample, F_OK) == 0 ? samples_read(samples, by_sample, err) : 0;

	if (ret == 0)
		ret = read_studies(list, samples, folder, studies, err);
	free(studies);
	free(by_sample);
	return ret;
}
