(*
 * A textbook server in OCaml, on what ocamlrpcgen makes of reverse.x and on
 * Ocamlnet's library as it is: it takes AUTH_NONE alone, and a call by UDP has
 * 16 KiB at most.  It reverses bytes, and has neither streams nor an interface
 * to describe.
 *
 *	server
 *
 * Prints its ports on the loopback, of TCP and of UDP.
 *)

open Reverse_aux
module Reverse = Reverse_srv.REVERSE_PROG.REVERSE_V1

let small = Netnumber.uint4_of_int
let large = Netnumber.uint8_of_int

let failure code detail =
  { code; detail; at_message = large 0; at_byte = large 0;
    retry_after_ms = small 0 }

let greet _ =
  `status_ok
    { text = "send me a text"; server = "server.ml"; release = "1";
      unicode = ""; boot = String.make 16 '1'; message_max = small 1048576;
      window' = small 0; datagram_max = small 8192; wait_max_ms = small 0;
      lease_ms = small 0 }

let turn text =
  let last = String.length text - 1 in
  String.mapi (fun i _ -> text.[last - i]) text

let text args =
  if args.unit = unit_byte then
    `status_ok { text'' = turn args.text'; metadata'' = [||] }
  else
    `status_invalid_argument (failure status_invalid_argument "bytes alone")

let status () =
  `status_ok
    { state = health_serving; uptime_ms = large 0; calls = large 7;
      failures = large 0; bytes_in' = large 0; bytes_out' = large 0;
      streams = small 0; connections = small 0 }

let whoami () =
  `status_ok
    { flavor = small 0; uid = Netnumber.uint4_of_int64 0xffffffffL;
      principal = ""; certificate = ""; address = "" }

(* It answers at once, or has no such procedure. *)
let has f = fun _ args answer -> answer (f args)
let lacks session _ _ =
  Rpc_server.reply_error session Rpc.Unavailable_procedure

let serve events protocol =
  let socket = Rpc_server.Internet (Unix.inet_addr_loopback, 0) in
  let server =
    Rpc_server.create2
      (`Socket (protocol, socket, Rpc_server.default_socket_config)) events in
  Reverse.bind_async
    ~proc_reverse_ping:(has (fun () -> ()))
    ~proc_reverse_greet:(has greet)
    ~proc_reverse_text:(has text)
    ~proc_reverse_open:lacks
    ~proc_reverse_exchange:lacks
    ~proc_reverse_cancel:lacks
    ~proc_reverse_status:(has status)
    ~proc_reverse_describe:lacks
    ~proc_reverse_whoami:(has whoami)
    server;
  match Rpc_server.get_main_socket_name server with
  | Unix.ADDR_INET (_, port) -> Printf.printf "%d\n%!" port
  | _ -> failwith "no port"

let () =
  let events = Unixqueue.create_unix_event_system () in
  List.iter (serve events) [ Rpc.Tcp; Rpc.Udp ];
  Unixqueue.run events
