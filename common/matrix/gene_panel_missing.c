/* gene_panel_missing.c - the genes of a panel that were not found, as a table. */
#include "base/util.h"

#include "base/outfile.h"
#include "format/tsv.h"
#include "matrix/gene_panel.h"

size_t gene_panel_mark(const struct gene_panel *panel, char *const *names, size_t n, bool *seen)
{
	size_t n_seen = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t gene = gene_panel_find(panel, names[i]);

		if (gene == STRTAB_NONE || seen[gene])
			continue;
		seen[gene] = true;
		n_seen++;
	}
	return n_seen;
}

void gene_panel_missing(const struct gene_panel *panel, const bool *seen, size_t most,
			struct text *out)
{
	size_t n = 0;

	for (size_t i = 0; i < panel->genes.n; i++)
		if (!seen[i] && n++ < most)
			text_add(out, "%s%s", n > 1 ? ", " : "",
				 strtab_str(&panel->genes, (uint32_t)i));
	if (n > most)
		text_add(out, " and %zu more", n - most);
}

int gene_panel_write_missing(const struct gene_panel *panel, const bool *seen, const char *path,
			     struct err *err)
{
	struct outfile *out = outfile_open(path, err);
	struct tsv_writer w = {.file = out ? outfile_stream(out) : NULL, .path = path};

	if (!out)
		return -1;
	tsv_header(&w, "gene");
	for (size_t i = 0; i < panel->genes.n; i++) {
		if (seen[i])
			continue;
		tsv_put(&w, strtab_str(&panel->genes, (uint32_t)i));
		tsv_end_row(&w);
	}
	if (tsv_writer_close(&w, err)) {
		outfile_abort(out);
		return -1;
	}
	return outfile_commit(out, err);
}

struct lacks {
	const struct gene_panel *panel;
	bool *const *seen;
	const char *const *files;
	size_t n;
};

static int put_lacks(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct lacks *l = arg;

	(void)err;
	w->sanitize = true; /* paths may hold anything */
	tsv_header(w, "gene\tfile");
	for (size_t f = 0; f < l->n; f++)
		for (size_t i = 0; i < l->panel->genes.n; i++) {
			if (l->seen[f][i])
				continue;
			tsv_put(w, strtab_str(&l->panel->genes, (uint32_t)i));
			tsv_put(w, l->files[f]);
			tsv_end_row(w);
		}
	return 0;
}

int gene_panel_write_lacks(const struct gene_panel *panel, bool *const *seen,
			   const char *const *files, size_t n, const char *path, struct err *err)
{
	return tsv_write_file(path, put_lacks, &(struct lacks){panel, seen, files, n}, err);
}
