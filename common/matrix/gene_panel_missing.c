/* gene_panel_missing.c - the genes of a panel that were not found, as a table. */
#include "base/util.h"

#include "base/outfile.h"
#include "format/tsv.h"
#include "matrix/gene_panel.h"

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
