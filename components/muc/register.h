/*
 * register.h - becoming a member by oneself (XEP-0045 sections 7.10, 9.9).
 */
#ifndef MUC_REGISTER_H
#define MUC_REGISTER_H

struct error;
struct form;
struct request;
struct room;

/* An admin has answered a request to register. */
int register_approve(struct request *req, struct room *room,
		     const struct form *form, struct error *err);

#endif
