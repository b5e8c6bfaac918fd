/*
 * plot: the latency of each percentile as a picture, drawn by gnuplot(1), where
 * that is installed.
 *
 * All functions say what goes wrong.
 */
#ifndef CLIENT_BENCH_PLOT_H
#define CLIENT_BENCH_PLOT_H

#include "client/bench/report.h"

/* Whether there is a gnuplot, and the file can be written: to be asked before
 * anything is measured.  Returns EXIT_DONE or EXIT_FAILED; the descriptor is
 * the caller's to close. */
int plot_open(const char *name, int *fd);

/* Draws into the file, as SVG.  Returns EXIT_DONE or EXIT_FAILED. */
int plot_draw(const struct bench_report *report, int fd);

#endif
