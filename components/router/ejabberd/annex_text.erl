%% Stanzas and elements of the protocol as text: printed once, by who has
%% something to say, and passed on as it is.
-module(annex_text).

-export([message/3, iq/4, addresses/2]).
-export([element/3, forwarded/2, stanza/1, keep/2, forget/0]).

-include("xmpp.hrl").

%% From the host to a component; El is printed already, or an element.
message(Host, Component, El) ->
    [<<"<message ">>, addresses_of(Host, Component), $>, text(El),
     <<"</message>">>].

iq(Id, Host, Component, El) ->
    [<<"<iq type='set' id='">>, Id, <<"' ">>, addresses_of(Host, Component), $>,
     text(El), <<"</iq>">>].

text(#xmlel{} = El) -> fxml:element_to_binary(El);
text(Text) -> Text.

addresses_of(Host, Component) ->
    case annex_host:component(Host, Component) of
        #{addresses := Addresses} -> Addresses;
        _ -> addresses(Host, Component)
    end.

addresses(Host, Component) ->
    iolist_to_binary(["from='", escape(Host), "' to='", escape(Component),
                      "'"]).

%% Attributes that are undefined are left out.
element(Name, Attrs, Children) ->
    [$<, Name, <<" xmlns='urn:x-annex:0'">>,
     [[$\s, Key, <<"='">>, escape(Value), $']
      || {Key, Value} <- Attrs, Value /= undefined],
     $>, Children, <<"</">>, Name, $>].

%% Few have anything to escape.
escape(Value) ->
    case is_plain(Value) of
        true -> Value;
        false -> fxml:crypt(Value)
    end.

is_plain(<<C, Rest/binary>>)
  when C /= $', C /= $", C /= $&, C /= $<, C /= $> -> is_plain(Rest);
is_plain(Value) -> Value == <<>>.

%% A stanza that is printed already, in <forwarded/> (XEP-0297).
forwarded(Stamp, Text) ->
    [<<"<forwarded xmlns='urn:xmpp:forward:0'>"
       "<delay xmlns='urn:xmpp:delay' stamp='">>, Stamp, <<"'/>">>, Text,
     <<"</forwarded>">>].

%% As it is to be within another.
stanza(Stanza) ->
    Bare = xmpp:set_meta(Stanza, #{}),
    case get(?MODULE) of
        {Bare, Text} -> Text;
        _ -> fxml:element_to_binary(xmpp:encode(Bare))
    end.

%% This process is asked for the same again soon.
keep(Stanza, Text) ->
    put(?MODULE, {xmpp:set_meta(Stanza, #{}), Text}),
    ok.

forget() ->
    erase(?MODULE),
    ok.
