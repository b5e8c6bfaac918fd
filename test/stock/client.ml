(*
 * The textbook client in OCaml, on what ocamlrpcgen makes of reverse.x, and on
 * Ocamlnet's library.
 *
 *	client PORT TEXT
 *)

open Reverse_aux
module Reverse = Reverse_clnt.REVERSE_PROG.REVERSE_V1

let number = Netnumber.int_of_uint4
let refused name = failwith (name ^ " was answered with a failure")

(* Bytes, and what comes back: all of them reversed, or why not. *)
let reverse server context size =
  let text = String.init size (fun i -> Char.chr (i mod 251)) in
  let reversed = String.init size (fun i -> text.[size - 1 - i]) in
  let arguments = { context = context; unit = unit_byte; text' = text } in
  match Reverse.reverse_text server arguments with
  | `status_ok outcome ->
      if outcome.text'' = reversed then "reversed" else "not reversed"
  | _ -> "a failure"
  | exception Netxdr.Xdr_failure _ -> "Ocamlnet does not send it"
  | exception other -> Printexc.to_string other

let () =
  let port = int_of_string Sys.argv.(1) in
  let server =
    Reverse.create_client (Rpc_client.Inet ("127.0.0.1", port)) Rpc.Tcp in
  let context =
    { deadline_ms = Netnumber.uint4_of_int 0; metadata = [| |] } in
  let arguments =
    { context = context; unit = unit_grapheme; text' = Sys.argv.(2) } in
  Reverse.reverse_ping server ();
  Printf.printf "ping: answered\n";
  ( match Reverse.reverse_greet server context with
    | `status_ok hello -> Printf.printf "greet: %s\n" hello.text
    | _ -> refused "greet" );
  ( match Reverse.reverse_text server arguments with
    | `status_ok outcome -> Printf.printf "text: %s\n" outcome.text''
    | _ -> refused "text" );
  List.iter
    (fun size ->
      Printf.printf "text of %d: %s\n" size (reverse server context size))
    [ 0; 65536; 1048576; 1048577 ];
  ( match Reverse.reverse_status server () with
    | `status_ok counters ->
        Printf.printf "status: %d\n" (Netnumber.int_of_int4 counters.state)
    | _ -> refused "status" );
  ( match Reverse.reverse_describe server () with
    | `status_ok schema -> Printf.printf "describe: %s\n" schema
    | _ -> refused "describe" );
  ( match Reverse.reverse_whoami server () with
    | `status_ok you -> Printf.printf "whoami: %d\n" (number you.flavor)
    | _ -> refused "whoami" );
  Rpc_client.shut_down server
