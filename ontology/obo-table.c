/* obo-table - the embedded table of an ontology from its OBO file.
 *
 *	obo-table cl-simple.obo [PREFIX] >cl.tsv
 *
 * Not a filter of the pipeline: `make ontology` runs it. Facts only: definitions and comments,
 * which carry other licences, are left behind. Its messages go to stderr.
 */
#include "base/util.h"

#include "base/tool.h"
#include "onto/onto.h"
#include "onto/onto_read.h"

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct onto *o;

	tool_begin("obo-table", argc, argv);
	if (argc < 2 || argc > 3)
		die_usage("obo-table FILE.obo [PREFIX]");
	o = onto_read(argv[1], argc > 2 ? argv[2] : "CL:", &err);
	if (!o || onto_write(o, stdout, "stdout", &err))
		die_err(&err);
	say("%zu terms of %s", o->n_terms, *o->version ? o->version : argv[1]);
	onto_free(o);
	return tool_end();
}
