/* opt.c - see opt.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/say.h"
#include "base/text.h"

const char *const opt_compressions[] = {"none",   "gzip",   "gzip:1", "gzip:2", "gzip:3",
					"gzip:4", "gzip:5", "gzip:6", "gzip:7", "gzip:8",
					"gzip:9", "lzf",    NULL};

#ifndef PIPETTE_VERSION
#define PIPETTE_VERSION "unknown"
#endif

size_t tool_threads;
const char *tool_manifest, *tool_manifest_hash = "sha256";
const char *const tool_hash_choices[] = {"none", "size", "sha256", NULL};

static bool want_help, want_version, want_options;
static const char **inputs; /* of opt_parse, until opt_release */
static const struct opt *parsed;

static const struct opt every_tool[] = {
	{OPT_KIND_FLAG, 'h', "help", &want_help, NULL, "show this help", NULL},
	{OPT_KIND_FLAG, 0, "version", &want_version, NULL, "show the version", NULL},
	{OPT_KIND_CHOICE, 0, "sync", &outfile_sync, "HOW",
	 "on the disk in the end: none, file, all (PIPETTE_SYNC, file)", outfile_sync_words},
	{OPT_KIND_FLAG, 'q', "quiet", &tool_quiet, NULL, "warnings and errors only", NULL},
	{OPT_KIND_FLAG, 0, "list-options", &want_options, NULL, NULL, NULL}, /* for completion */
	OPT_END};

/* ---- looking up ---- */

static const struct opt *find_in(const struct opt *table, const char *name, size_t len,
				 char short_name)
{
	for (const struct opt *opt = table; opt->kind != OPT_KIND_END; opt++) {
		if (name && strlen(opt->name) == len && memcmp(opt->name, name, len) == 0)
			return opt;
		if (!name && opt->short_name == short_name)
			return opt;
	}
	return NULL;
}

static const struct opt *find_opt(const struct opt_usage *usage, const char *name, size_t len,
				  char short_name)
{
	const struct opt *opt = find_in(usage->options, name, len, short_name);

	return opt ? opt : find_in(every_tool, name, len, short_name);
}

NORETURN static void unknown_option(const struct opt_usage *usage, const char *name, size_t len)
{
	const char *names[128];
	size_t n = 0;
	char *word = mem_strn(name, len);
	const char *nearest;

	for (const struct opt *opt = usage->options; opt->kind != OPT_KIND_END && n < 120; opt++)
		names[n++] = opt->name;
	for (const struct opt *opt = every_tool; opt->help; opt++)
		names[n++] = opt->name;
	nearest = nearest_name(word, names, n);
	if (nearest)
		die_usage("there is no option --%s (did you mean --%s?)", word, nearest);
	die_usage("there is no option --%s (--help lists them)", word);
}

/* ---- values ---- */

size_t opt_choice_of(const char *const *choices, const char *value)
{
	for (size_t i = 0; choices[i]; i++)
		if (str_eq(choices[i], value))
			return i;
	return SIZE_MAX;
}

static void add_choices(struct text *t, const struct opt *opt)
{
	for (const char *const *choice = opt->choices; *choice; choice++)
		text_add(t, "%s%s", choice == opt->choices ? "" : ", ", *choice);
}

NORETURN static void bad_value(const struct opt *opt, const char *value)
{
	static const char *const wanted[] = {
		[OPT_KIND_SIZE] = "a whole number, 0 or more",
		[OPT_KIND_BYTES] = "a size such as 512M or 2G",
		[OPT_KIND_INT] = "a whole number",
		[OPT_KIND_FLOAT] = "a number",
	};
	struct text t = TEXT_INIT;

	if (opt->kind == OPT_KIND_CHOICE)
		add_choices(&t, opt);
	else
		text_add(&t, "%s", wanted[opt->kind]);
	die_usage("--%s: %s is not %s%s", opt->name, *value ? value : "an empty value",
		  opt->kind == OPT_KIND_CHOICE ? "one of " : "", t.s);
}

static void add_to_list(struct opt_list *list, const char *value)
{
	MEM_GROW(list->items, list->n + 1, list->cap);
	list->items[list->n++] = value;
}

static void set_value(const struct opt *opt, const char *value)
{
	bool good = true;

	switch (opt->kind) {
	case OPT_KIND_FLAG:
		*(bool *)opt->value = true;
		break;
	case OPT_KIND_TEXT:
		*(const char **)opt->value = value;
		break;
	case OPT_KIND_SIZE:
		good = parse_size(value, 0, SIZE_MAX, opt->value);
		break;
	case OPT_KIND_BYTES:
		good = parse_bytes(value, opt->value);
		break;
	case OPT_KIND_INT:
		good = parse_int(value, INT64_MIN, INT64_MAX, opt->value);
		break;
	case OPT_KIND_FLOAT:
		good = parse_double(value, opt->value) && isfinite(*(double *)opt->value);
		break;
	case OPT_KIND_LIST:
		add_to_list(opt->value, value);
		break;
	case OPT_KIND_CHOICE:
		good = opt_choice_of(opt->choices, value) != SIZE_MAX;
		*(const char **)opt->value = value;
		break;
	case OPT_KIND_END:
		BUG("the end of the table as an option");
	}
	if (!good)
		bad_value(opt, value);
}

/* ---- help ---- */

static void print_table(const struct opt *table)
{
	for (const struct opt *opt = table; opt->kind != OPT_KIND_END; opt++) {
		struct text left = TEXT_INIT;

		if (!opt->help)
			continue;
		if (opt->short_name)
			text_add(&left, "-%c, ", opt->short_name);
		else
			text_add(&left, "    ");
		text_add(&left, "--%s", opt->name);
		if (opt->argument)
			text_add(&left, " %s", opt->argument);
		if (left.len > 28)
			printf("  %s\n  %-28s %s", left.s, "", opt->help);
		else
			printf("  %-28s %s", left.s, opt->help);
		if (opt->kind == OPT_KIND_LIST)
			printf("; may be repeated");
		putchar('\n');
		text_release(&left);
	}
}

static void print_help(const struct opt_usage *usage)
{
	printf("%s - %s\n\nUsage: %s %s\n\n", tool_name, usage->summary, tool_name,
	       usage->synopsis);
	print_table(usage->options);
	print_table(every_tool);
	if (usage->details)
		printf("\n%s\n", usage->details);
}

/* One option a line: short name or "-", long name, argument or "-", choices. */
static void print_options(const struct opt *table)
{
	for (const struct opt *opt = table; opt->kind != OPT_KIND_END; opt++) {
		struct text choices = TEXT_INIT;

		if (!opt->help)
			continue;
		if (opt->choices)
			add_choices(&choices, opt);
		printf("%c\t%s\t%s\t%s\n", opt->short_name ? opt->short_name : '-', opt->name,
		       opt->argument ? opt->argument : "-", choices.s);
		text_release(&choices);
	}
}

static void answer_and_leave(const struct opt_usage *usage)
{
	if (want_help)
		print_help(usage);
	else if (want_version)
		printf("%s (pipette) %s\n", tool_name, PIPETTE_VERSION);
	else {
		print_options(usage->options);
		print_options(every_tool);
	}
	opt_release();
	stdout_close();
	exit(0);
}

/* ---- parsing ---- */

/* A long option at argv[i]; returns how many arguments were used. */
static int parse_long(const struct opt_usage *usage, char **argv, int i)
{
	const char *name = argv[i] + 2;
	const char *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const struct opt *opt = find_opt(usage, name, len, 0);

	if (!opt)
		unknown_option(usage, name, len);
	if (opt->kind == OPT_KIND_FLAG) {
		if (equals)
			die_usage("--%s takes no value", opt->name);
		set_value(opt, NULL);
		return 1;
	}
	if (!equals && !argv[i + 1])
		die_usage("--%s needs a value: %s", opt->name, opt->argument);
	set_value(opt, equals ? equals + 1 : argv[i + 1]);
	return equals ? 1 : 2;
}

/* -q, -qt4, -o FILE */
static int parse_short(const struct opt_usage *usage, char **argv, int i)
{
	for (const char *at = argv[i] + 1; *at; at++) {
		const struct opt *opt = find_opt(usage, NULL, 0, *at);

		if (!opt)
			die_usage("there is no option -%c (--help lists them)", *at);
		if (opt->kind == OPT_KIND_FLAG) {
			set_value(opt, NULL);
			continue;
		}
		if (!at[1] && !argv[i + 1])
			die_usage("-%c needs a value: %s", *at, opt->argument);
		set_value(opt, at[1] ? at + 1 : argv[i + 1]);
		return at[1] ? 1 : 2;
	}
	return 1;
}

struct inputs opt_parse(const struct opt_usage *usage, int argc, char **argv)
{
	struct inputs in = {0};
	bool only_inputs = false;

	opt_release();
	parsed = usage->options;
	in.paths = inputs = mem_zero((size_t)argc + 1, sizeof(*inputs));
	for (int i = 1; i < argc;) {
		if (only_inputs || argv[i][0] != '-' || argv[i][1] == '\0') {
			inputs[in.n++] = argv[i++];
		} else if (str_eq(argv[i], "--")) {
			only_inputs = true;
			i++;
		} else if (argv[i][1] == '-') {
			i += parse_long(usage, argv, i);
		} else {
			i += parse_short(usage, argv, i);
		}
	}
	if (want_help || want_version || want_options)
		answer_and_leave(usage);
	if (in.n > usage->max_inputs)
		die_usage("%s: one input too many (--help shows the usage)",
			  in.paths[usage->max_inputs]);
	if (in.n == 0)
		inputs[0] = "-";
	return in;
}

size_t opt_verb(const struct inputs *in, const void *verbs, size_t n, size_t size)
{
	const char **names = mem_alloc(n, sizeof(*names)), *near;
	struct text all = TEXT_INIT;
	size_t verb = 0;

	if (!in->n)
		die_usage("what to do? (VERB and its files; --help lists the verbs)");
	for (size_t i = 0; i < n; i++)
		names[i] = *(const char *const *)((const char *)verbs + i * size);
	while (verb < n && !str_eq(names[verb], in->paths[0]))
		verb++;
	near = verb < n ? NULL : nearest_name(in->paths[0], names, n);
	if (near)
		die_usage("'%s' is not a verb (did you mean %s?)", in->paths[0], near);
	for (size_t i = 0; verb == n && i < n; i++)
		text_add(&all, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " or ", names[i]);
	if (verb == n)
		die_usage("'%s' is not a verb: %s", in->paths[0], all.s);
	free(names);
	return verb;
}

void opt_release(void)
{
	for (const struct opt *opt = parsed; opt && opt->kind != OPT_KIND_END; opt++) {
		struct opt_list *list = opt->value;

		if (opt->kind != OPT_KIND_LIST)
			continue;
		free(list->items);
		*list = (struct opt_list){0};
	}
	parsed = NULL;
	free(inputs);
	inputs = NULL;
}
