%% Whose account is removed: told in order with the copies of messages.
-module(annex_removed).

-export([hooks/0, removed/2]).

%% When its sessions were told to end.
hooks() ->
    [{remove_user, removed, 200}].

removed(User, Host) ->
    Account = <<User/binary, $@, Host/binary>>,
    Text = annex_text:element(<<"tap">>, [{<<"id">>, annex_id:new()},
                                          {<<"dir">>, <<"removed">>},
                                          {<<"user">>, Account}], []),
    annex_tap:add(Host, annex_tap:components(Host),
                  iolist_to_binary(Text)).
