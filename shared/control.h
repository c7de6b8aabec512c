/*
 * control.h - the commands of a component on a Unix socket, for annexctl.
 *
 * Requests and answers are JSON, one a line (control_request.h), one request
 * after the other.  A request is answered by any number of
 *
 *	{"row": {COLUMN: VALUE, ...}}
 *	{"message": TEXT}
 *	{"progress": {"done": N, "total": N}}
 *	{"description": {...}}
 *
 * and at last by {"end": true} or {"error": {"condition": NAME, "text": TEXT}}.
 * Who closes the connection, or its own direction of it, cancels what is under
 * way.  Who may connect may do everything: the file's mode says who may.
 */
#ifndef SHARED_CONTROL_H
#define SHARED_CONTROL_H

struct calls;
struct control;
struct control_socket_settings;
struct error;
struct runtime;

/* Most connections, and the longest request. */
#define CONTROL_GUESTS_MAX 32
#define CONTROL_LINE_BYTES 65536

/* Listens; -1 with err as of control_socket_new(). */
int control_new(const struct runtime *runtime,
		const struct control_socket_settings *settings,
		struct calls *calls, struct control **control_r,
		struct error *err);
/* Takes the socket away, and closes all connections once what they were told
   is sent. */
void control_free(struct control **control);

#endif
