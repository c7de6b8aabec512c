%% Elements of the hook protocol, and stanzas within them (XEP-0297).
-module(annex_xml).

-export([element/2, element/3, attr/2, attr/3, text/1]).
-export([child/2, child/3, children/2]).
-export([forwarded/1, forwarded/2, unwrap/1, unwrap_all/1, stamp/0, stamp/1]).
-export([namespace/1, plain/1]).

-include("xmpp.hrl").
-include("annex.hrl").

-define(TWO(Number), ($0 + (Number) div 10), ($0 + (Number) rem 10)).

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

%% The first child of that name.
child(Name, Namespace, El) ->
    case children(Name, Namespace, El) of
        [First | _] -> First;
        [] -> undefined
    end.

children(Name, El) ->
    children(Name, ?NS_ANNEX, El).

%% One without xmlns has that of its parent.
children(Name, Namespace, #xmlel{children = Children} = El) ->
    Own = attr(<<"xmlns">>, El, ?NS_ANNEX),
    [Child || #xmlel{name = N} = Child <- Children, N == Name,
              attr(<<"xmlns">>, Child, Own) == Namespace].

plain(#xmlel{} = El) -> El;
plain(El) -> xmpp:encode(El).

namespace(#xmlel{} = El) ->
    attr(<<"xmlns">>, El, <<>>);
namespace(El) ->
    xmpp:get_ns(El).

%% The time in the way of XEP-0082.
stamp() ->
    stamp(os:timestamp()).

%% Several are written for each message, and io_lib and calendar would take long
%% over each.
stamp({Mega, Secs, Micros}) ->
    All = Mega * 1000000 + Secs,
    {Year, Month, Day} = date_of(All div 86400),
    Left = All rem 86400,
    Hour = Left div 3600,
    Min = Left rem 3600 div 60,
    Sec = Left rem 60,
    Msecs = Micros div 1000,
    <<?TWO(Year div 100), ?TWO(Year rem 100), $-, ?TWO(Month), $-, ?TWO(Day),
      $T, ?TWO(Hour), $:, ?TWO(Min), $:, ?TWO(Sec), $.,
      ($0 + Msecs div 100), ?TWO(Msecs rem 100), $Z>>.

%% So many days after the beginning of 1970.  Years begin in March here, so that
%% the day that some have and others not is the last of one; 146097 are 400
%% years.
date_of(Days) ->
    Since = Days + 719468,                      % 0000-03-01
    InEra = Since rem 146097,
    Year = (InEra - InEra div 1460 + InEra div 36524 - InEra div 146096)
        div 365,
    Day = InEra - (Year * 365 + Year div 4 - Year div 100),
    Month = (Day * 5 + 2) div 153,
    {Since div 146097 * 400 + Year + (Month + 2) div 12,
     (Month + 2) rem 12 + 1, Day - (Month * 153 + 2) div 5 + 1}.

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
