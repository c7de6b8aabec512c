%% Elements of the hook protocol, and stanzas within them (XEP-0297).
-module(annex_xml).

-export([element/2, element/3, attr/2, attr/3, text/1, child/2, child/3]).
-export([forwarded/1, forwarded/2, unwrap/1, unwrap_all/1, stamp/0, stamp/1]).
-export([namespace/1, plain/1]).

-include("xmpp.hrl").
-include("annex.hrl").

%% Attributes that are undefined are left out.
element(Name, Attrs) ->
    element(Name, Attrs, []).

element(Name, Attrs, Children) ->
    #xmlel{name = Name,
           attrs = [{<<"xmlns">>, ?NS_ANNEX}
                    | [{Key, value(Value)}
                       || {Key, Value} <- Attrs, Value /= undefined]],
           children = Children}.

value(Value) when is_binary(Value) -> Value;
value(Value) when is_integer(Value) -> integer_to_binary(Value);
value(Value) when is_atom(Value) -> atom_to_binary(Value, utf8);
value(#jid{} = Value) -> jid:encode(Value).

attr(Name, El) ->
    attr(Name, El, undefined).

attr(Name, #xmlel{attrs = Attrs}, Default) ->
    proplists:get_value(Name, Attrs, Default).

text(El) ->
    fxml:get_tag_cdata(El).

child(Name, El) ->
    child(Name, ?NS_ANNEX, El).

%% The first child of that name.  One without xmlns has that of its parent.
child(Name, Namespace, #xmlel{children = Children} = El) ->
    Own = attr(<<"xmlns">>, El, ?NS_ANNEX),
    Found = [Child || #xmlel{name = N} = Child <- Children, N == Name,
                      attr(<<"xmlns">>, Child, Own) == Namespace],
    case Found of
        [First | _] -> First;
        [] -> undefined
    end.

plain(#xmlel{} = El) -> El;
plain(El) -> xmpp:encode(El).

namespace(#xmlel{} = El) ->
    attr(<<"xmlns">>, El, <<>>);
namespace(El) ->
    xmpp:get_ns(El).

%% The time in the way of XEP-0082.
stamp() ->
    stamp(os:timestamp()).

%% Several are written for each message, and io_lib would take long over each.
stamp({_, _, Micros} = Now) ->
    {{Year, Month, Day}, {Hour, Min, Sec}}
        = calendar:now_to_universal_time(Now),
    <<(two(Year div 100))/binary, (two(Year rem 100))/binary, $-,
      (two(Month))/binary, $-, (two(Day))/binary, $T, (two(Hour))/binary, $:,
      (two(Min))/binary, $:, (two(Sec))/binary, $.,
      (three(Micros div 1000))/binary, $Z>>.

three(Number) ->
    <<($0 + Number div 100), (two(Number rem 100))/binary>>.

two(Number) ->
    <<($0 + Number div 10), ($0 + Number rem 10)>>.

forwarded(Stanza) ->
    wrap([encode(Stanza)]).

forwarded(Stamp, Stanza) ->
    Delay = #xmlel{name = <<"delay">>,
                   attrs = [{<<"xmlns">>, ?NS_DELAY}, {<<"stamp">>, Stamp}]},
    wrap([Delay, encode(Stanza)]).

wrap(Children) ->
    #xmlel{name = <<"forwarded">>, attrs = [{<<"xmlns">>, ?NS_FORWARD}],
           children = Children}.

encode(#xmlel{} = El) -> El;
encode(Stanza) -> xmpp:encode(Stanza).

%% The first stanza in the first <forwarded/> of an element, and its <delay/>.
-spec unwrap(xmlel()) -> {stanza() | none, xmlel() | undefined}.
unwrap(El) ->
    case unwrap_all(El) of
        [First | _] -> First;
        [] -> {none, undefined}
    end.

%% The same for each <forwarded/>.
-spec unwrap_all(xmlel()) -> [{stanza(), xmlel() | undefined}].
unwrap_all(#xmlel{children = Children}) ->
    [{Stanza, child(<<"delay">>, ?NS_DELAY, Forwarded)}
     || #xmlel{name = <<"forwarded">>} = Forwarded <- Children,
        namespace(Forwarded) == ?NS_FORWARD,
        Stanza <- decode_all(Forwarded#xmlel.children)].

decode_all(Children) ->
    [Stanza || #xmlel{name = Name} = Child <- Children,
               lists:member(Name, [<<"message">>, <<"presence">>, <<"iq">>]),
               Stanza <- decode(Child)].

decode(El) ->
    try
        [xmpp:decode(El, ?NS_CLIENT, [ignore_els])]
    catch
        error:{xmpp_codec, _} -> []
    end.
