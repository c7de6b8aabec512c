/*
 * ns.h - XML namespaces, each by its usual short name.
 */
#ifndef SHARED_NS_H
#define SHARED_NS_H

#define NS_CLIENT	"jabber:client"
#define NS_COMPONENT	"jabber:component:accept"
#define NS_STREAM	"http://etherx.jabber.org/streams"
#define NS_STREAMS	"urn:ietf:params:xml:ns:xmpp-streams"
#define NS_STANZAS	"urn:ietf:params:xml:ns:xmpp-stanzas"
#define NS_DATA		"jabber:x:data"
#define NS_COMMANDS	"http://jabber.org/protocol/commands"
#define NS_DISCO_INFO	"http://jabber.org/protocol/disco#info"
#define NS_DISCO_ITEMS	"http://jabber.org/protocol/disco#items"
#define NS_RSM		"http://jabber.org/protocol/rsm"
#define NS_VERSION	"jabber:iq:version"
#define NS_LAST		"jabber:iq:last"
#define NS_PING		"urn:xmpp:ping"
#define NS_TIME		"urn:xmpp:time"
#define NS_DELAY	"urn:xmpp:delay"
#define NS_DELAY_OLD	"jabber:x:delay"
#define NS_REGISTER	"jabber:iq:register"
#define NS_VCARD	"vcard-temp"
#define NS_SERVERINFO	"http://jabber.org/network/serverinfo"
#define NS_MUC		"http://jabber.org/protocol/muc"
#define NS_MUC_USER	"http://jabber.org/protocol/muc#user"
#define NS_MUC_ADMIN	"http://jabber.org/protocol/muc#admin"
#define NS_MUC_OWNER	"http://jabber.org/protocol/muc#owner"
#define NS_MUC_REQUEST	"http://jabber.org/protocol/muc#request"
#define NS_MUC_REGISTER	"http://jabber.org/protocol/muc#register"
#define NS_MUC_ROOMCONFIG "http://jabber.org/protocol/muc#roomconfig"
#define NS_MUC_ROOMINFO	"http://jabber.org/protocol/muc#roominfo"
#define NS_CONFERENCE	"jabber:x:conference"
#define NS_SID		"urn:xmpp:sid:0"
#define NS_ANNEX	"urn:x-annex:0"
#define NS_FORWARD	"urn:xmpp:forward:0"
#define NS_OCCUPANT_ID	"urn:xmpp:occupant-id:0"

#endif
