/*
 * A textbook server in Java, on what jrpcgen makes of reverse.x with
 * -p reversing, and on Remote Tea's library.  It reverses bytes, and has
 * neither streams nor an interface to describe.
 *
 *	java Server
 *
 * Prints its ports, of TCP and of UDP, when the portmapper knows them.
 */
import java.nio.charset.StandardCharsets;
import org.acplt.oncrpc.OncRpcException;
import org.acplt.oncrpc.server.OncRpcCallInformation;
import reversing.*;

class Server extends reverseServerStub {
    static final int PING = 0, GREET = 1, TEXT = 2, STATUS = 6, WHOAMI = 8;

    Server() throws Exception {
        super();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void dispatchOncRpcCall(OncRpcCallInformation call, int program,
            int version, int procedure)
            throws OncRpcException, java.io.IOException {
        switch (procedure) {
        case PING:
        case GREET:
        case TEXT:
        case STATUS:
        case WHOAMI:
            super.dispatchOncRpcCall(call, program, version, procedure);
            break;
        default:
            call.failProcedureUnavailable();
        }
    }

    public void REVERSE_PING_1() {
    }

    public greet_result REVERSE_GREET_1(call_context context) {
        greet_result result = new greet_result();

        result.hello = new greeting();
        result.hello.text = bytes("send me a text");
        result.hello.server = bytes("Server.java");
        result.hello.release = bytes("1");
        result.hello.unicode = bytes("");
        result.hello.boot = new byte[16];
        result.hello.message_max = 1048576;
        result.hello.datagram_max = 8192;
        return result;
    }

    public reverse_result REVERSE_TEXT_1(reverse_args args) {
        reverse_result result = new reverse_result();
        byte[] from = args.text.value, to = new byte[from.length];

        if (args.unit != text_unit.UNIT_BYTE) {
            result.code = status_code.STATUS_INVALID_ARGUMENT;
            result.why = new failure();
            result.why.code = result.code;
            result.why.detail = bytes("bytes alone");
            return result;
        }
        for (int i = 0; i < from.length; i++)
            to[i] = from[from.length - 1 - i];
        result.outcome = new reversed();
        result.outcome.text = new message(to);
        result.outcome.metadata = new metadatum[0];
        return result;
    }

    public status_result REVERSE_STATUS_1() {
        status_result result = new status_result();

        result.counters = new report();
        result.counters.state = health.HEALTH_SERVING;
        return result;
    }

    public whoami_result REVERSE_WHOAMI_1() {
        whoami_result result = new whoami_result();

        result.you = new caller();
        result.you.uid = -1;
        result.you.principal = bytes("");
        result.you.certificate = bytes("");
        result.you.address = bytes("");
        return result;
    }

    /* The dispatcher calls none of these. */
    public open_result REVERSE_OPEN_1(open_args args) {
        return null;
    }

    public exchange_result REVERSE_EXCHANGE_1(exchange_args args) {
        return null;
    }

    public cancel_result REVERSE_CANCEL_1(cancel_args args) {
        return null;
    }

    public describe_result REVERSE_DESCRIBE_1() {
        return null;
    }

    public static void main(String[] words) throws Exception {
        Server server = new Server();

        server.register(server.transports);
        /* UDP comes first there. */
        System.out.println(server.transports[1].getPort());
        System.out.println(server.transports[0].getPort());
        server.run(server.transports);
    }
}
