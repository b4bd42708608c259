/* codes.h - R's type codes, as its serialisation writes them ("R Internals", section 1.8).
 *
 * The low byte of an item's flags says what follows. Codes up to 25 are types of R; those from 238
 * on are ways of writing: a reference to what came before, an environment that every R has, a
 * vector that is computed when it is wanted (ALTREP).
 */
#ifndef IMPORT_RDS_CODES_H
#define IMPORT_RDS_CODES_H

enum rds_code {
	NILSXP = 0,
	SYMSXP = 1,
	LISTSXP = 2,
	CLOSXP = 3,
	ENVSXP = 4,
	PROMSXP = 5,
	LANGSXP = 6,
	SPECIALSXP = 7,
	BUILTINSXP = 8,
	CHARSXP = 9,
	LGLSXP = 10,
	INTSXP = 13,
	REALSXP = 14,
	CPLXSXP = 15,
	STRSXP = 16,
	DOTSXP = 17,
	VECSXP = 19,
	EXPRSXP = 20,
	BCODESXP = 21,
	EXTPTRSXP = 22,
	WEAKREFSXP = 23,
	RAWSXP = 24,
	S4SXP = 25,

	/* Not types but ways of writing. */
	ALTREP_SXP = 238,
	ATTRLISTSXP = 239,
	ATTRLANGSXP = 240,
	BASEENV_SXP = 241,
	EMPTYENV_SXP = 242,
	BCREPREF = 243,
	BCREPDEF = 244,
	PERSISTSXP = 247,
	PACKAGESXP = 248,
	NAMESPACESXP = 249,
	BASENAMESPACE_SXP = 250,
	MISSINGARG_SXP = 251,
	UNBOUNDVALUE_SXP = 252,
	GLOBALENV_SXP = 253,
	NILVALUE_SXP = 254,
	REFSXP = 255,
};

/* Beside the code in a flags word. */
enum { CODE_MASK = 0xff, HAS_ATTRIBUTES = 1 << 9, HAS_TAG = 1 << 10 };

#endif
