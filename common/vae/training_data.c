/* training_data.c - the cells to learn from; see training_data.h. */
#include "base/util.h"

#include "expression/expression.h"
#include "expression/variable_genes.h"
#include "matrix/gene_panel.h"
#include "vae/training_data.h"

/* ---- which genes ---- */

static int all_genes(struct training_data *d, struct err *err)
{
	struct query_counts all;
	struct names none = {0};
	struct frame *var;
	char **keys = NULL;

	if (query_open(&all, d->in, d->slot, &none, d->pool, err))
		return -1;
	var = h5ad_slot_var(d->in, all.slot);
	keys = frame_keys(var, err);
	if (keys)
		d->genes = names_of(keys, all.slot->n_genes);
	query_close(&all);
	return keys ? 0 : -1;
}

/* The most variable genes of log-normalised counts. */
static int variable(struct training_data *d, size_t n, struct err *err)
{
	struct input_rules rules = {.slot = d->slot, .target_sum = 1e4};
	struct input *input = input_open(d->in, &rules, d->pool, err);
	struct stream *cells = input ? input_stream(input, NULL, 0, err) : NULL;
	struct gene_moments m = {0};
	bool *chosen;
	int failed;

	if (!cells) {
		input_close(input);
		return -1;
	}
	chosen = mem_zero(input->n_genes + 1, sizeof(*chosen));
	failed = gene_moments_read(&m, cells, d->pool, err);
	stream_free(cells);
	if (!failed) {
		variable_genes(&m, n, chosen);
		for (size_t g = 0; g < input->n_genes; g++)
			if (chosen[g])
				names_add(&d->genes, input->genes[g]);
	}
	gene_moments_release(&m);
	free(chosen);
	input_close(input);
	return failed;
}

int data_genes(struct training_data *d, const char *which, struct err *err)
{
	struct gene_panel panel;
	size_t n;

	if (str_eq(which, "all"))
		return all_genes(d, err);
	if (parse_size(which, 1, UINT32_MAX, &n))
		return variable(d, n, err);
	if (gene_panel_read(which, &panel, err))
		return -1;
	for (size_t i = 0; i < panel.genes.n; i++)
		names_add(&d->genes, strtab_str(&panel.genes, (uint32_t)i));
	gene_panel_release(&panel);
	return 0;
}

/* ---- cells: batches, labels, counts ---- */

int data_batches(struct training_data *d, const char *column, struct err *err)
{
	size_t n = h5ad_n_cells(d->in);
	const struct column *c;
	struct column_groups groups;
	int ret = 0;

	MEM_ZERO(d->batch, n + 1);
	if (!column) {
		names_add(&d->batches, "0");
		return 0;
	}
	c = frame_column(h5ad_obs(d->in), column, err);
	if (!c)
		return -1;
	groups = column_group(c);
	if (groups.n_missing)
		ret = err_set(err, "%s: obs/%s: %zu cells have no batch", h5ad_path(d->in), column,
			      groups.n_missing);
	d->batches = names_of(groups.names, groups.n);
	for (size_t i = 0; i < n && ret == 0; i++)
		d->batch[i] = (uint32_t)groups.codes[i];
	column_groups_release(&groups);
	return ret;
}

int data_labels(struct training_data *d, const char *column, const char *none, struct err *err)
{
	const struct column *c = frame_column(h5ad_obs(d->in), column, err);
	size_t n = h5ad_n_cells(d->in);
	struct column_groups groups;
	uint32_t *number;

	if (!c)
		return -1;
	groups = column_group(c);
	MEM_ZERO(number, groups.n + 1);
	for (size_t i = 0; i < groups.n; i++) {
		if (str_eq(groups.names[i], none))
			continue;
		number[i] = (uint32_t)d->labels.n;
		names_add(&d->labels, groups.names[i]);
	}
	MEM_ZERO(d->label, n + 1);
	for (size_t i = 0; i < n; i++) {
		int32_t code = groups.codes[i];

		d->label[i] = code < 0 || str_eq(groups.names[code], none) ? (uint32_t)d->labels.n
									   : number[code];
	}
	names_add(&d->labels, none);
	free(number);
	column_groups_release(&groups);
	if (d->labels.n >= 3)
		return 0;
	return err_set(err, "%s: obs/%s: %zu label: a classifier needs two", h5ad_path(d->in),
		       column, d->labels.n - 1);
}

int data_counts(struct training_data *d, struct err *err)
{
	if (query_open(&d->counts, d->in, d->slot, &d->genes, d->pool, err))
		return -1;
	if (d->counts.n_found < d->genes.n)
		return err_refuse(err, "%s: %zu of %zu genes are there", h5ad_path(d->in),
				  d->counts.n_found, d->genes.n);
	d->store =
		count_store_of(query_stream(&d->counts, NULL, 0, err), d->genes.n, d->memory, err);
	return d->store ? 0 : err_prefix(err, "%s: %s", h5ad_path(d->in), d->counts.slot->name);
}

void training_data_release(struct training_data *d)
{
	count_store_free(d->store);
	query_close(&d->counts);
	names_release(&d->genes);
	names_release(&d->batches);
	names_release(&d->labels);
	free(d->batch);
	free(d->label);
}
