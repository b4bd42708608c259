/* crate - a run described as a research object (RO-Crate, Process Run Crate).
 *
 * Reads the manifests of a run's folder and writes ro-crate-metadata.json, into the folder unless
 * told otherwise: which filter made which file from which, with its version and command. The same
 * run gives the same bytes. Memory grows with the steps.
 */
#include "base/util.h"

#include <ctype.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/text.h"
#include "base/tool.h"
#include "report/crate.h"

static struct opts {
	const char *name, *description, *date, *license, *output;
	const char *author, *author_id, *organization, *organization_id;
	bool times;
} o = {.description = "Cells typed by Pipette: the files of a run, and which filter made which.",
       .license = "not stated"};

static const struct opt options[] = {
	OPT_TEXT("date", 0, date, "YYYY-MM-DD",
		 "when it is published (required: the run has no clock)"),
	OPT_TEXT("name", 0, name, "TEXT", "what it is called (the folder's name)"),
	OPT_TEXT("description", 0, description, "TEXT", "what it is"),
	OPT_TEXT("license", 0, license, "ADDRESS",
		 "of the results, best as an address (not stated)"),
	OPT_TEXT("author", 0, author, "NAME", "who ran it"),
	OPT_TEXT("author-id", 0, author_id, "ADDRESS", "of theirs, such as an ORCID's"),
	OPT_TEXT("organization", 0, organization, "NAME", "for whom, and who publishes it"),
	OPT_TEXT("organization-id", 0, organization_id, "ADDRESS", "of it, such as a ROR's"),
	OPT_FLAG("times", 0, times, "say when each step ended, by its manifest's file"),
	OPT_TEXT("output", 'o', output, "FILE", "write here (RUN/ro-crate-metadata.json)"),
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "a run described as a research object (RO-Crate)",
	.synopsis = "--date YYYY-MM-DD [OPTIONS] RUN",
	.options = options,
	.max_inputs = 1,
};

static bool is_date(const char *s)
{
	static const char form[] = "0000-00-00";

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == '0' ? !isdigit((unsigned char)s[i]) : s[i] != form[i])
			return false;
	return true;
}

static int write_crate(const char *target, const struct run_log *run,
		       const struct crate_words *words, struct err *err)
{
	struct outfile *out = outfile_open(target, err);

	if (!out)
		return -1;
	crate_write(outfile_stream(out), run, words);
	return outfile_commit(out, err);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct crate_words words;
	struct run_log *run;
	struct inputs in;
	char *target;

	tool_begin("crate", argc, argv);
	in = opt_parse(&usage, argc, argv);
	if (in.n == 0)
		die_usage("name the folder of a run, such as runs/colon");
	if (!o.date || !is_date(o.date))
		die_usage("--date is needed, as 2026-01-31: a crate says when it is published");
	words = (struct crate_words){.name = o.name ? o.name : path_file(in.paths[0]),
				     .description = o.description,
				     .folder = in.paths[0],
				     .date = o.date,
				     .license = o.license,
				     .author = {o.author, o.author_id},
				     .organization = {o.organization, o.organization_id},
				     .times = o.times};
	if ((o.author_id && !o.author) || (o.organization_id && !o.organization))
		die_usage("an address needs a name: give --author or --organization too");
	target =
		o.output ? mem_str(o.output) : mem_printf("%s/ro-crate-metadata.json", in.paths[0]);
	manifest_output(target);
	run = run_log_read(in.paths[0], &err);
	if (!run)
		die_err(&err);
	if (run->n == 0)
		die("%s: no manifests of steps: is it the folder of a run (runs/NAME)?",
		    in.paths[0]);
	if (write_crate(target, run, &words, &err))
		die_err(&err);
	say("%s: %zu steps", target, run->n);
	run_log_free(run);
	free(target);
	return tool_end();
}
