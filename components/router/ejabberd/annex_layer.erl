%% What is shown of a user who has overlays.
-module(annex_layer).

-export([put/2, remove/2, keys/1, shown/2]).

-record(layer, {key, rank = 0, mode = raise, show, status = []}).

-define(BUSY, [undefined, chat, away, xa, dnd]).

%% The layers of a user, the one that counts first: the highest rank, of equals
%% the one that was set last.
put({Key, Rank, Mode, Show, Status}, Layers) ->
    Layer = #layer{key = Key, rank = Rank, mode = Mode, show = Show,
                   status = Status},
    Others = remove(Key, Layers),
    {Above, Below} = lists:splitwith(fun(#layer{rank = R}) -> R > Rank end,
                                     Others),
    Above ++ [Layer | Below].

remove(Key, Layers) ->
    lists:keydelete(Key, #layer.key, Layers).

keys(Layers) ->
    [Key || #layer{key = Key} <- Layers].

shown(Said, []) ->
    Said;
shown(_Said, [#layer{mode = replace, show = Show, status = Status} | _]) ->
    {Show, Status};
shown({Show, Status}, [#layer{show = Over, status = Words} | _]) ->
    {busier(Show, Over), words(Status, Words)}.

busier(Show, Over) ->
    case position(Over) > position(Show) of
        true -> Over;
        false -> Show
    end.

position(Show) ->
    length(lists:takewhile(fun(Other) -> Other /= Show end, ?BUSY)).

words(Status, []) -> Status;
words(_Status, Words) -> Words.
