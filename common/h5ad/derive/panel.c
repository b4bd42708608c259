/* panel.c - reads a panel and gives its genes their approved names. */
#include "base/util.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/datadir.h"
#include "h5ad/derive/panel.h"
#include "h5ad/derive/rename.h"
#include "h5ad/h5ad.h"

/* A pipe is a list: its first bytes could not be put back. */
static bool is_h5ad(const char *path)
{
	struct stat st;

	static const char magic[8] = {'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
	char start[sizeof(magic)] = "";
	FILE *f;

	if (str_ends(path, ".h5ad"))
		return true;
	if (stat(path, &st) || !S_ISREG(st.st_mode) || !(f = fopen(path, "rb")))
		return false;
	size_t got = fread(start, 1, sizeof(start), f);

	fclose(f);
	return got == sizeof(start) && memcmp(start, magic, sizeof(magic)) == 0;
}

static int read_h5ad(struct gene_panel *panel, const char *path, struct err *err)
{
	struct h5ad *in = h5ad_open(path, err);
	struct frame *var = in ? h5ad_var(in) : NULL;
	struct names names = {0};
	const char *column;
	int ret = var ? rename_start(var, "auto", &names, &column, err) : -1;

	for (size_t i = 0; ret == 0 && i < names.n; i++)
		gene_panel_add(panel, names.s[i], column ? var->keys[i] : "");
	if (ret == 0 && panel->genes.n == 0)
		ret = err_set(err, "%s: there is no gene in this file", path);
	names_release(&names);
	h5ad_close(in);
	return ret;
}

/* "CD3D,CD3E": genes, unless a file is called so. */
static bool is_list(const char *path)
{
	return strchr(path, ',') && access(path, F_OK);
}

static int read_list(struct gene_panel *panel, const char *list, struct err *err)
{
	struct names genes = {0};

	names_add_list(&genes, list);
	for (size_t i = 0; i < genes.n; i++)
		gene_panel_add(panel, genes.s[i], "");
	names_release(&genes);
	return panel->genes.n ? 0 : err_set(err, "%s: there is no gene in this list", list);
}

static int read_file(struct gene_panel *panel, const char *path, struct err *err)
{
	return is_h5ad(path) ? read_h5ad(panel, path, err) : gene_panel_read(path, panel, err);
}

static int read_tables(struct gene_tables *tables, struct err *err)
{
	char *map = datadir_find("refs/genes/ensembl.tsv.gz", err);
	char *aliases = map ? datadir_find("refs/genes/aliases.tsv.gz", err) : NULL;
	int ret = aliases && gene_tables_map(tables, map, err) == 0 &&
				  gene_tables_aliases(tables, aliases, err) == 0
			  ? 0
			  : -1;

	free(map);
	free(aliases);
	return ret;
}

int panel_open(struct gene_panel *panel, const char *path, struct err *err)
{
	struct gene_tables *tables;

	*panel = (struct gene_panel){.tables = NULL};
	if (is_list(path) ? read_list(panel, path, err) : read_file(panel, path, err))
		goto release;
	MEM_ZERO(tables, 1);
	panel->tables = tables;
	if (read_tables(tables, err))
		goto release;
	gene_panel_approve(panel, tables);
	return 0;
release:
	panel_release(panel);
	return -1;
}

void panel_release(struct gene_panel *panel)
{
	struct gene_tables *tables = panel->tables;

	if (tables)
		gene_tables_release(tables);
	free(tables);
	gene_panel_release(panel);
}
