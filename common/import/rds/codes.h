/* codes.h - R's type codes, as its serialisation writes them ("R Internals", section 1.8).
 *
 * The low byte of an item's flags says what follows. Codes up to 25 are types of R; those from 238
 * on are ways of writing: a reference to what came before, an environment that every R has, a
 * vector that is computed when it is wanted (ALTREP). The names are R's own, so that its manual and
 * its sources can be read beside ours.
 *
 *	switch (flags & CODE_MASK) {
 *	case INTSXP:
 *		...
 *	}
 *	if (flags & HAS_ATTRIBUTES)
 */
#ifndef IMPORT_RDS_CODES_H
#define IMPORT_RDS_CODES_H

enum rds_code {
	NILSXP = 0,  /* NULL */
	SYMSXP = 1,  /* a name; counted for references */
	LISTSXP = 2, /* a pairlist: its head, then the rest */
	CLOSXP = 3,  /* a function */
	ENVSXP = 4,  /* counted for references */
	PROMSXP = 5, /* an argument not yet evaluated */
	LANGSXP = 6, /* a call, as a pairlist */
	SPECIALSXP = 7,
	BUILTINSXP = 8,
	CHARSXP = 9, /* one text, with its encoding */
	LGLSXP = 10, /* logical: 32 bits, INT_MIN is NA */
	INTSXP = 13,
	REALSXP = 14,
	CPLXSXP = 15,
	STRSXP = 16,
	DOTSXP = 17,
	VECSXP = 19, /* a list */
	EXPRSXP = 20,
	BCODESXP = 21,
	EXTPTRSXP = 22, /* what only that R process had */
	WEAKREFSXP = 23,
	RAWSXP = 24,
	S4SXP = 25, /* an object whose slots are its attributes */

	/* Not types but ways of writing. */
	ALTREP_SXP = 238, /* class, state, attributes */
	ATTRLISTSXP = 239,
	ATTRLANGSXP = 240,
	BASEENV_SXP = 241,
	EMPTYENV_SXP = 242,
	BCREPREF = 243,
	BCREPDEF = 244,
	PERSISTSXP = 247, /* a thing of whoever wrote the file */
	PACKAGESXP = 248,
	NAMESPACESXP = 249,
	BASENAMESPACE_SXP = 250,
	MISSINGARG_SXP = 251,
	UNBOUNDVALUE_SXP = 252,
	GLOBALENV_SXP = 253,
	NILVALUE_SXP = 254, /* NULL, as it is mostly written */
	REFSXP = 255,       /* the number of what is meant */
};

/* Beside the code in a flags word. */
enum { CODE_MASK = 0xff, HAS_ATTRIBUTES = 1 << 9, HAS_TAG = 1 << 10 };

#endif
