/* cluster_scores.c - see cluster_scores.h. */
#include "base/util.h"

#include "base/strtab.h"
#include "format/tsv.h"
#include "map/cluster_scores.h"
#include "map/spread.h"

/* The cluster of every cell, SIZE_MAX for none. */
static int read_groups(const char *path, const struct mapped_cells *q, size_t *group,
		       struct strtab *names, struct err *err)
{
	struct strtab at = {0};
	size_t cell, cluster;
	struct tsv *in = tsv_open(path, err);
	int got = -1;

	for (size_t i = 0; i < q->n; i++) {
		group[i] = SIZE_MAX;
		strtab_add(&at, q->names[i]);
	}
	if (in && !tsv_need(in, "cell", &cell, err) && !tsv_need(in, "cluster", &cluster, err))
		while ((got = tsv_next(in, err)) > 0) {
			uint32_t i = strtab_find(&at, in->fields[cell]);

			if (i != STRTAB_NONE && i < q->n)
				group[i] = strtab_add(names, in->fields[cluster]);
		}
	tsv_close(in);
	strtab_release(&at);
	return got;
}

struct scored {
	struct strtab names;
	double *scores;
};

static int put_scores(struct tsv_writer *w, void *arg, struct err *err UNUSED)
{
	const struct scored *s = arg;

	tsv_header(w, "cluster\tcluster_distance");
	for (uint32_t i = 0; i < s->names.n; i++) {
		tsv_put(w, strtab_str(&s->names, i));
		tsv_put_float(w, s->scores[i]);
		tsv_end_row(w);
	}
	return 0;
}

int cluster_scores_write(const struct reference *ref, const struct mapped_cells *q,
			 const char *clusters, const char *path, size_t *n_without, struct err *err)
{
	const struct ref_clusters *c = &ref->clusters;
	size_t dims = ref->n_dims, *group = mem_alloc(q->n + 1, sizeof(*group));
	double *means = mem_alloc(mem_product(c->n, dims) + 1, sizeof(*means));
	struct scored s = {0};
	int ret = read_groups(clusters, q, group, &s.names, err);

	*n_without = 0;
	for (size_t i = 0; i < q->n; i++)
		*n_without += group[i] == SIZE_MAX;
	for (size_t i = 0; i < c->n * dims; i++)
		means[i] = c->sums[i] / MAX(c->weights[i / dims], 1e-300);
	MEM_ARRAY(s.scores, s.names.n + 1);
	if (!ret) {
		spread_group_scores(means, means, c->n, q->projected, group, q->n, s.names.n, dims,
				    s.scores);
		ret = tsv_write_file(path, put_scores, &s, err);
	}
	free(group);
	free(means);
	free(s.scores);
	strtab_release(&s.names);
	return ret;
}
