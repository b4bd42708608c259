/* kernels.h - which of OpenBLAS's kernels run, and on how many threads.
 *
 * OpenBLAS picks kernels by the processor's name when it is loaded. A release older than the
 * processor does not know the name, and falls back to kernels of 2003: twice as slow and more. And
 * kernels of different names add up in different orders, so that the same file gives other last
 * bits on another machine.
 *
 * So on every processor that has AVX2 and FMA, whatever its name, a program that links this file
 * runs the kernels called Haswell: same input, same bytes, on all of them. The cost: AVX-512 is
 * left unused, some 15 % of knn-graph's time on a processor that has it. The choice can only be
 * made before the library is loaded, by its variable OPENBLAS_CORETYPE: where it would choose
 * otherwise, the program sets that and starts itself again, before main and before anything was
 * read. That takes some 10 ms. A user who has set the variable is left alone: that is how to ask
 * for others.
 *
 *	OPENBLAS_CORETYPE=SkylakeX knn-graph in.h5ad -o out.h5ad     # faster there, other last bits
 */
#ifndef LINALG_KERNELS_H
#define LINALG_KERNELS_H

/* The kernels' name: "Haswell", "Zen", "SkylakeX", "Prescott", ... For manifests. Static. */
const char *kernels_name(void);

/*
 * From now on the library's own threads rest: the caller's pool shares out the work, in parts that
 * do not depend on the number of threads. Whoever multiplies calls this first (gemm_alone).
 */
void kernels_alone(void);

#endif
