%% Puts "new" in the place of what a message to a user says, if that is "old".
-module(mod_editing).
-behaviour(gen_mod).

-export([start/2, stop/1, depends/2, mod_options/1, mod_doc/0]).
-export([edit/1]).

-include("xmpp.hrl").

start(Host, _Options) ->
    ejabberd_hooks:add(sm_receive_packet, Host, ?MODULE, edit, 50).

stop(Host) ->
    ejabberd_hooks:delete(sm_receive_packet, Host, ?MODULE, edit, 50).

depends(_Host, _Options) ->
    [].

mod_options(_Host) ->
    [].

mod_doc() ->
    #{}.

edit(#message{body = [#text{data = <<"old">>} = Text]} = Message) ->
    Message#message{body = [Text#text{data = <<"new">>}]};
edit(Stanza) ->
    Stanza.
