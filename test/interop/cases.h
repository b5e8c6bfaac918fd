/*
 * The cases, a file each; a test of the same name runs it.
 */
#ifndef TEST_INTEROP_CASES_H
#define TEST_INTEROP_CASES_H

void empty_unary(void);
void large_unary(void);
void client_streaming(void);
void server_streaming(void);
void ping_pong(void);
void empty_stream(void);
void cancel_after_begin(void);
void cancel_after_first_response(void);
void timeout_on_sleeping_server(void);
void unimplemented_method(void);
void unimplemented_service(void);
void custom_metadata(void);
void concurrent_large_unary(void);
void rpc_soak(void);
void channel_soak(void);
void special_status_message(void);
void rst_after_header(void);
void rst_during_data(void);
void rst_after_data(void);
void goaway(void);
void max_streams(void);
void push_back(void);

#endif
