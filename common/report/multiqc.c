/* multiqc.c - see multiqc.h. */
#include "base/util.h"

#include "base/folder.h"
#include "base/json.h"
#include "base/manifest.h"
#include "base/outfile.h"
#include "format/tsv.h"
#include "report/multiqc.h"

static void gather_labels(struct strtab *labels, struct query_summary *const *queries, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < queries[i]->n_called; k++)
			strtab_add(labels,
				   strtab_str(&queries[i]->label_names, queries[i]->by_count[k]));
}

static int put_labels(FILE *file, const struct strtab *labels, struct query_summary *const *queries,
		      size_t n, struct err *err)
{
	struct tsv_writer w = {.file = file, .path = "labels", .sanitize = true};
	uint32_t *sorted = strtab_sorted(labels);

	fputs("# id: 'pipette_labels'\n# section_name: 'Cell types'\n"
	      "# description: 'Cells by label, as typed by Pipette.'\n# plot_type: 'bargraph'\n"
	      "# pconfig:\n#    id: 'pipette_labels_plot'\n#    title: 'Pipette: cell types'\n"
	      "#    ylab: 'Cells'\n",
	      file);
	tsv_put(&w, "Sample");
	for (size_t i = 0; i < labels->n; i++)
		tsv_put(&w, strtab_str(labels, sorted[i]));
	tsv_end_row(&w);
	for (size_t i = 0; i < n; i++) {
		tsv_put(&w, queries[i]->name);
		for (size_t k = 0; k < labels->n; k++) {
			uint32_t label = strtab_find(&queries[i]->label_names,
						     strtab_str(labels, sorted[k]));

			tsv_put_size(&w, label == STRTAB_NONE ? 0 : queries[i]->labels[label].n);
		}
		tsv_end_row(&w);
	}
	free(sorted);
	return tsv_writer_close(&w, err);
}

static void put_column(struct json *j, const char *key, const char *title, const char *what,
		       const char *format)
{
	json_open_object(j, NULL);
	json_open_object(j, key);
	json_str(j, "title", title);
	json_str(j, "description", what);
	json_str(j, "format", format);
	json_size(j, "min", 0);
	json_close(j);
	json_close(j);
}

static double mean_confidence(const struct query_summary *q)
{
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < q->label_names.n; i++) {
		sum += q->labels[i].confidence;
		n += q->labels[i].n_confident;
	}
	return sum / (double)MAX(n, 1);
}

static int put_general(FILE *file, struct query_summary *const *queries, size_t n)
{
	struct json j = json_start(file);

	json_open_object(&j, NULL);
	json_str(&j, "id", "pipette_general");
	json_str(&j, "plot_type", "generalstats");
	json_open_array(&j, "pconfig");
	put_column(&j, "pipette_cells", "Cells typed", "Cells in the table of calls", "{:,.0f}");
	put_column(&j, "pipette_labels", "Labels", "Different labels, Unknown aside", "{:,.0f}");
	put_column(&j, "pipette_unknown", "% Unknown", "Cells that the gate calls Unknown",
		   "{:,.1f}");
	put_column(&j, "pipette_confidence", "Confidence", "Mean confidence", "{:,.3f}");
	json_close(&j);
	json_open_object(&j, "data");
	for (size_t i = 0; i < n; i++) {
		const struct query_summary *q = queries[i];

		json_open_object(&j, q->name);
		json_size(&j, "pipette_cells", q->n_cells);
		json_size(&j, "pipette_labels", query_n_labels(q));
		json_double(&j, "pipette_unknown",
			    100.0 * (double)q->n_unknown / (double)MAX(q->n_cells, 1));
		if (q->has_confidence)
			json_double(&j, "pipette_confidence", mean_confidence(q));
		json_close(&j);
	}
	json_close(&j);
	json_close(&j);
	return 0;
}

static int write_one(const char *folder, const char *name, struct query_summary *const *queries,
		     size_t n, struct err *err)
{
	char *path = mem_printf("%s/%s", folder, name);
	struct outfile *out = outfile_open(path, err);
	struct strtab labels = {0};
	int ret = -1;

	if (out) {
		gather_labels(&labels, queries, n);
		ret = str_ends(name, ".tsv")
			      ? put_labels(outfile_stream(out), &labels, queries, n, err)
			      : put_general(outfile_stream(out), queries, n);
		manifest_output(path);
		if (ret == 0)
			ret = outfile_commit(out, err);
		else
			outfile_abort(out);
	}
	strtab_release(&labels);
	free(path);
	return ret;
}

int multiqc_write(const char *folder, struct query_summary *const *queries, size_t n,
		  struct err *err)
{
	if (folder_make(folder, err) ||
	    write_one(folder, "pipette_labels_mqc.tsv", queries, n, err))
		return -1;
	return write_one(folder, "pipette_general_mqc.json", queries, n, err);
}
