/* conf-mk - turn a dataset's YAML into a Make fragment and parameter files.
 *
 * Reads a config, checks it, writes run.mk and one small parameter file per step into a folder.
 * A file is touched only when its content changes, so that Make reruns only what a change
 * touches.
 */
#include "base/util.h"

#include "base/datadir.h"
#include "base/opt.h"
#include "base/tool.h"
#include "conf/config.h"
#include "conf/plan.h"
#include "h5ad/frame/label_column.h"
#include "h5ad/h5ad.h"

static struct opts {
	const char *output, *tissues, *steps;
	size_t shards;
	bool check, json, adopt, keys;
} o = {.shards = 1};

static const struct opt options[] = {
	OPT_TEXT("output", 'o', output, "FOLDER", "write here (runs/NAME)"),
	OPT_FLAG("check", 0, check, "only check the config and print its name"),
	OPT_FLAG("json", 0, json, "print the plan as JSON instead"),
	OPT_FLAG("adopt", 0, adopt, "go on in a folder that another version made"),
	OPT_FLAG("keys", 0, keys, "list the settings, a key a line, and need no config"),
	OPT_SIZE("shards", 0, shards, "N", "cut every query into N parts, predicted apart (1)"),
	OPT_TEXT("steps", 0, steps, "FILE", "the list of steps (workflows/steps.tsv)"),
	OPT_TEXT("tissues", 0, tissues, "FILE", "models per tissue (refs/tissues.yaml)"),
	OPT_END};

static const struct opt_usage usage = {
	.summary = "turn a dataset's YAML into a Make fragment",
	.synopsis = "[OPTIONS] CONFIG.yaml [-o FOLDER]",
	.options = options,
	.max_inputs = 1,
	.details = "The keys of the config are in the man page, conf-mk(1).",
};

/* The run's folder, whose name is in rules and commands. */
static char *folder_of(const struct config *config)
{
	char *folder = o.output ? mem_str(o.output) : mem_printf("runs/%s", config->name);

	if (!config_is_plain(folder))
		die("\"%s\": Make and the shell take such names apart: a run's folder has letters, "
		    "digits and any of / . _ - + , @",
		    folder);
	return folder;
}

static void print_plan(const struct config *config, const struct steps *steps)
{
	struct err err = ERR_INIT;
	char *folder = folder_of(config);

	if (o.output &&
	    (plan_claim(folder, o.adopt, &err) || plan_write_steps(steps, folder, &err)))
		die_err(&err);
	if (plan_print(config, steps, folder, stdout, &err))
		die_err(&err);
	free(folder);
}

static void write_plan(const struct config *config, const struct steps *steps, const char *path)
{
	struct err err = ERR_INIT;
	struct text told = TEXT_INIT;
	char *folder = folder_of(config);
	char *other = plan_other_config(folder, path);

	if (other)
		warn("%s: was made from %s: steps that differ are made again for %s (to keep both, "
		     "give one another name:)",
		     folder, other, path);
	if (plan_claim(folder, o.adopt, &err) ||
	    plan_write(config, steps, path, folder, &told, &err))
		die_err(&err);
	warn_lines(told.s);
	text_release(&told);
	free(other);
	free(folder);
}

static void list_keys(void)
{
	puts("section\tkey\tkind\toption\tchoices");
	for (size_t i = 0; i < n_settings; i++)
		printf("%s\t%s\t%s\t%s\t%s\n", settings[i].section, settings[i].key,
		       setting_kind_name(settings[i].kind),
		       settings[i].option ? settings[i].option : "",
		       settings[i].choices ? settings[i].choices : "");
}

/* ---- what the config says of its files ---- */

/* A column as it is called: texts of a config may be in quotes for the shell. */
static char *bare(const char *text)
{
	size_t len = strlen(text);

	return *text == '\'' && len > 1 ? mem_strn(text + 1, len - 2) : mem_str(text);
}

/* Has a file's obs the column that 'key' of the config names? What cannot be opened is its step's. */
static void check_column(const char *config, const char *key, const char *file, const char *text)
{
	struct err err = ERR_INIT;
	struct h5ad *in = text && str_ends(file, ".h5ad") ? h5ad_open(file, &err) : NULL;
	struct frame *obs = in ? h5ad_obs(in) : NULL;
	char *column = obs ? bare(text) : NULL;
	const char *found = obs ? label_column(obs, column, &err) : NULL;

	if (obs && (!found || (!frame_find(obs, found) && !frame_column(obs, found, &err)))) {
		err_prefix(&err, "%s: %s: %s", config, key, file);
		die_err(&err);
	}
	free(column);
	h5ad_close(in);
}

static void check_columns(const struct config *c, const char *config)
{
	const char *clusters = c->settings[setting_find("vote", strlen("vote"), "clusters")];

	for (size_t i = 0; i < c->n_references; i++)
		if (c->references[i].path) {
			check_column(config, "label", c->references[i].path,
				     c->references[i].label);
			check_column(config, "ids", c->references[i].path, c->references[i].ids);
		}
	for (size_t i = 0; i < c->n_queries; i++) {
		check_column(config, "truth", c->queries[i].path, c->truth);
		check_column(config, "batch", c->queries[i].path, c->batch);
		check_column(config, "vote: clusters", c->queries[i].path, clusters);
	}
}

/* Clusters to tell unknown types by: when it is asked for, or the filters for it are here. */
static bool far_by_clusters(struct config *c)
{
	static const char *const needed[] = {"knn-graph", "overcluster"};
	bool asked, by_clusters = config_far_by_clusters(c, &asked);

	if (!by_clusters || asked || c->settings[setting_find("vote", strlen("vote"), "clusters")])
		return by_clusters;
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!datadir_program(needed[i])) {
			text_add(&c->notes,
				 "%s is not here: types that no reference has are told by cells, "
				 "not by clusters (gate: {far: cells} says so, too)\n",
				 needed[i]);
			return false;
		}
	return true;
}

static void plan(const char *path)
{
	struct err err = ERR_INIT;
	char *tissues = o.tissues ? mem_str(o.tissues) : datadir_find("refs/tissues.yaml", &err);
	char *table = o.steps ? mem_str(o.steps) : datadir_find("workflows/steps.tsv", &err);
	struct steps_wanted wanted = {table, o.shards, false};
	struct config *config = tissues && table ? config_read(path, tissues, &err) : NULL;
	struct steps *steps;

	wanted.far_clusters = config && far_by_clusters(config);
	steps = config ? steps_plan(config, &wanted, &err) : NULL;
	if (!steps)
		die_err(&err);
	if (!o.check) {
		say_lines(config->notes.s);
		warn_lines(config->warnings.s);
	}
	if (o.check || o.json)
		check_columns(config, path);
	if (o.check)
		puts(config->name);
	else if (o.json)
		print_plan(config, steps);
	else
		write_plan(config, steps, path);
	steps_free(steps);
	config_free(config);
	free(table);
	free(tissues);
}

int main(int argc, char **argv)
{
	struct inputs in;

	tool_begin("conf-mk", argc, argv);
	in = opt_parse(&usage, argc, argv);
	if (o.keys)
		list_keys();
	else
		plan(in.paths[0]);
	return tool_end();
}
