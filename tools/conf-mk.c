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

static struct opts {
	const char *output, *tissues;
	bool check, json, adopt;
} o;

static const struct opt options[] = {
	OPT_TEXT("output", 'o', output, "FOLDER", "write here (runs/NAME)"),
	OPT_FLAG("check", 0, check, "only check the config and print its name"),
	OPT_FLAG("json", 0, json, "print the plan as JSON instead"),
	OPT_FLAG("adopt", 0, adopt, "go on in a folder that another version made"),
	OPT_TEXT("tissues", 0, tissues, "FILE", "models per tissue (refs/tissues.yaml)"),
	OPT_END};

static const struct opt_usage usage = {
	.summary = "turn a dataset's YAML into a Make fragment",
	.synopsis = "[OPTIONS] CONFIG.yaml [-o FOLDER]",
	.options = options,
	.max_inputs = 1,
	.details = "The keys of the config are in the man page, conf-mk(1).",
};

/* A line at a time. */
static void tell(const struct text *lines, bool is_warning)
{
	char *copy = mem_str(lines->s ? lines->s : ""), *rest = copy;

	for (char *line; (line = strsep(&rest, "\n"));)
		if (*line && is_warning)
			warn("%s", line);
		else if (*line)
			say("%s", line);
	free(copy);
}

static void print_plan(const struct config *config)
{
	struct err err = ERR_INIT;

	if (o.output &&
	    (plan_claim(o.output, o.adopt, &err) || plan_write_steps(config, o.output, &err)))
		die_err(&err);
	if (plan_print(config, stdout, &err))
		die_err(&err);
}

static void write_plan(const struct config *config, const char *path)
{
	struct err err = ERR_INIT;
	char *folder = o.output ? mem_str(o.output) : mem_printf("runs/%s", config->name);
	char *other = plan_other_config(folder, path);

	if (other)
		warn("%s: was made from %s: steps that differ are made again for %s (to keep both, "
		     "give one another name:)",
		     folder, other, path);
	if (plan_claim(folder, o.adopt, &err) || plan_write(config, path, folder, &err))
		die_err(&err);
	free(other);
	free(folder);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct config *config;
	struct inputs in;
	char *tissues;

	tool_begin("conf-mk", argc, argv);
	in = opt_parse(&usage, argc, argv);
	tissues = o.tissues ? mem_str(o.tissues) : datadir_find("refs/tissues.yaml", &err);
	config = tissues ? config_read(in.paths[0], tissues, &err) : NULL;
	if (!config)
		die_err(&err);
	if (!o.check) {
		tell(&config->notes, false);
		tell(&config->warnings, true);
	}
	if (o.check)
		puts(config->name);
	else if (o.json)
		print_plan(config);
	else
		write_plan(config, in.paths[0]);

	config_free(config);
	free(tissues);
	return tool_end();
}
