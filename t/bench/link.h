/*
 * link.h - a stream of XEP-0114, of either side, as a program has it that
 * does nothing else.
 *
 * Whatever goes wrong ends the program.
 */
#ifndef T_BENCH_LINK_H
#define T_BENCH_LINK_H

#include <stdbool.h>
#include <sys/types.h>

#include "shared/str.h"

/* How long the other side may be silent while something is missing. */
#define LINK_PATIENCE_MS 30000

/* Embedded; all zero is one that is not connected. */
struct link {
	int fd;
	struct str in, out;	/* what came, and what is to be sent */
	size_t sent;		/* of out */
	unsigned long long bytes;	/* that came */
};

/* Says what is wrong and exits. */
void link_give_up(const char *what) __attribute__((noreturn));

/* Starts a program, which will not outlive this one. */
pid_t link_start(char **argv);

/* As a router: starts a component and waits until it has attached to the
   port, with whatever secret.  Returns its process. */
pid_t link_serve(struct link *link, unsigned port, const char *domain,
		 char **argv);
/* As a component. */
void link_attach(struct link *link, unsigned port, const char *domain,
		 const char *secret);

/* Waits until something comes, or what is to be sent is taken. */
void link_turn(struct link *link);
/* The same, so long at the most.  Returns whether something happened. */
bool link_wait(struct link *link, int ms);

/* Ends the process that was served: at once, or so that it may take its
   leave. */
void link_kill(struct link *link, pid_t pid);
void link_end(struct link *link, pid_t pid);

#endif
