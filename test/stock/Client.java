/*
 * The textbook client in Java, on what jrpcgen makes of reverse.x with
 * -p reversing, and on Remote Tea's library.
 *
 *	java Client PORT TEXT
 */
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import org.acplt.oncrpc.OncRpcException;
import org.acplt.oncrpc.OncRpcProtocols;
import reversing.*;

class Client {
    static void print(String name, byte[] bytes) {
        System.out.println(name + ": "
            + new String(bytes, StandardCharsets.UTF_8));
    }

    /* Bytes, and what comes back: all of them reversed, or why not. */
    static String reverse(reverseClient server, int size) throws Exception {
        reverse_args args = new reverse_args();
        byte[] text = new byte[size];

        for (int i = 0; i < size; i++)
            text[i] = (byte)(i % 251);
        args.context = new call_context();
        args.context.metadata = new metadatum[0];
        args.unit = text_unit.UNIT_BYTE;
        args.text = new message(text);
        try {
            byte[] result = server.REVERSE_TEXT_1(args).outcome.text.value;

            for (int i = 0; i < size; i++)
                if (result[i] != text[size - 1 - i])
                    return "not reversed";
            return result.length == size ? "reversed" : "longer";
        } catch (OncRpcException e) {
            return e.getReason() == OncRpcException.RPC_CANTDECODEARGS
                ? "accept status 4" : e.toString();
        }
    }

    public static void main(String[] words) throws Exception {
        reverseClient server = new reverseClient(
            InetAddress.getByName("127.0.0.1"), Integer.parseInt(words[0]),
            OncRpcProtocols.ONCRPC_TCP);
        call_context context = new call_context();
        reverse_args args = new reverse_args();

        context.metadata = new metadatum[0];
        args.context = context;
        args.unit = text_unit.UNIT_GRAPHEME;
        args.text = new message(words[1].getBytes(StandardCharsets.UTF_8));

        server.REVERSE_PING_1();
        System.out.println("ping: answered");
        print("greet", server.REVERSE_GREET_1(context).hello.text);
        print("text", server.REVERSE_TEXT_1(args).outcome.text.value);
        for (int size : new int[] { 0, 65536, 1048576, 1048577 })
            System.out.println("text of " + size + ": "
                + reverse(server, size));
        System.out.println("status: "
            + server.REVERSE_STATUS_1().counters.state);
        print("describe", server.REVERSE_DESCRIBE_1().schema);
        System.out.println("whoami: " + server.REVERSE_WHOAMI_1().you.flavor);
        server.close();
    }
}
