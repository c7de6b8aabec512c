-module(annex_xml_tests).

-include_lib("eunit/include/eunit.hrl").

%% So many seconds and microseconds after the beginning of 1970.
stamp(Seconds, Micros) ->
    annex_xml:stamp({Seconds div 1000000, Seconds rem 1000000, Micros}).

stamp_test_() ->
    [?_assertEqual(<<"1970-01-01T00:00:00.000Z">>, stamp(0, 999)),
     ?_assertEqual(<<"2009-02-13T23:31:30.042Z">>, stamp(1234567890, 42000)),
     ?_assertEqual(<<"2026-11-29T22:09:08.999Z">>, stamp(1795990148, 999999)),
     ?_assertEqual(<<"2100-12-31T23:59:59.100Z">>, stamp(4133980799, 100000))].

it_has_the_date_of_the_calendar_test() ->
    [begin
         {{Year, Month, Day}, _} = calendar:gregorian_seconds_to_datetime(
                                     62167219200 + Number * 86400),
         Date = iolist_to_binary(io_lib:format("~4..0B-~2..0B-~2..0B",
                                               [Year, Month, Day])),
         ?assertEqual(<<Date/binary, "T00:00:00.000Z">>,
                      stamp(Number * 86400, 0))
     end || Number <- lists:seq(0, 60000)].
