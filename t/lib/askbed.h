/*
 * askbed.h - what a shim of "example" asks about, to be judged by a policy
 * "strict" that has two servers, at first.
 */
#ifndef T_LIB_ASKBED_H
#define T_LIB_ASKBED_H

#include "components/archive/policy/policy.h"
#include "shared/setting.h"
#include "shared/str.h"
#include "t/lib/tapbed.h"

struct website;

#define ASKBED_SITES 2

struct askbed {
	struct tapbed *taps;
	struct website *sites[ASKBED_SITES];
	struct str urls[ASKBED_SITES];
	const char *servers[ASKBED_SITES + 1];
	struct policy_settings own;
	struct setting_titled titled[2];
};

/* For cmocka; the state becomes a bed. */
int askbed_setup(void **state);
int askbed_teardown(void **state);
#define ASKBED_TEST(name) \
	cmocka_unit_test_setup_teardown(name, askbed_setup, askbed_teardown)

/* Goes on by its own settings of the policy; by others with three rules of what
   is in the text, and one of a pattern that takes too long. */
void askbed_take_settings(struct askbed *bed);
void askbed_take_rules(struct askbed *bed);

/* What takes too long. */
#define ASKBED_SLOW_TEXT "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"
#define ASKBED_SLOW "<body>" ASKBED_SLOW_TEXT "</body>"

/* A check of a chat message with these children; of that profile; from that
   host. */
void askbed_check(struct askbed *bed, const char *id, const char *children);
void askbed_check_by(struct askbed *bed, const char *profile, const char *id,
		     const char *children);
void askbed_check_of(struct askbed *bed, const char *host,
		     const char *profile, const char *id,
		     const char *children);
/* The same of what comes in: those are its attributes; from a client of
   "g@gate"; and said in a room elsewhere. */
void askbed_check_coming(struct askbed *bed, const char *id,
			 const char *addresses, const char *children);
void askbed_check_received(struct askbed *bed, const char *id,
			   const char *resource, const char *children);
void askbed_check_entering(struct askbed *bed, const char *id,
			   const char *from);
/* Any stanza of its host. */
void askbed_take(struct askbed *bed, const char *text);
/* Two of one id: of a message of which something is left out, and of an IQ that
   is none by RFC 6120. */
void askbed_check_unclear(struct askbed *bed, const char *cut,
			  const char *odd);

/* What is answered. */
#define ASKBED_VERDICT(id, verdict) \
	"<iq from='comp.example' to='example' type='result' id='" id "'>" \
	"<verdict xmlns='urn:x-annex:0' " verdict "</iq>\n"
#define ASKBED_ALLOW(id) \
	"<message from='comp.example' to='example'>" \
	"<allow xmlns='urn:x-annex:0'>" id "</allow></message>\n"
#define ASKBED_REFUSED(id) \
	ASKBED_VERDICT(id, "action='deny' " \
			   "condition='resource-constraint'>" \
			   "<text>Later.</text></verdict>")
#define ASKBED_UNJUDGED(id) \
	ASKBED_VERDICT(id, "action='deny' condition='not-acceptable'>" \
			   "<text>Later.</text></verdict>")
#define ASKBED_REPLACED(id, body) \
	ASKBED_VERDICT(id, "action='replace'><forwarded " \
		"xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' " \
		"from='r@example/o' to='j@example' type='chat'><body>" body \
		"</body></message></forwarded></verdict>")

/* Runs until something is sent, which is this; or until that site has been
   asked so often. */
void askbed_expect(struct askbed *bed, const char *wanted);
void askbed_expect_requests(struct askbed *bed, size_t site,
			    unsigned wanted);
/* How many stanzas had that outcome, as the metric has it. */
long long askbed_outcomes(struct askbed *bed, const char *which);

#endif
